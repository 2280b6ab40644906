"""From a pipeline file to stages: what depends on what, and what a change touches."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from vesalius.adapters.cohort.cohort_file import load_cohort
from vesalius.adapters.schemas import json_schema
from vesalius.adapters.selftrain.cohort_work import link_cases
from vesalius.adapters.selftrain.nnunet_work import Dataset, set_aside_training
from vesalius.adapters.selftrain.pipeline_models import NnunetModel
from vesalius.adapters.selftrain.preflight import prepare_pipeline
from vesalius.adapters.selftrain.run_stages import run_stages
from vesalius.adapters.selftrain.stage import Stage
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import load_document

HIDE = "import sys; sys.modules['torch'] = sys.modules['nnunetv2'] = None\n"
COHORT = """\
schema: cohort/1
cohort: target_cases
root: data
image: "cohort/{file}"
predictions:
  organs: {scheme: organs.yaml, path: "preds/{case}.nii.gz"}
  public: {scheme: whole.yaml, path: "public/{case}.nii.gz"}
target: whole.yaml
rules: none
metadata: {table: ../cases.csv, case: name}
cases: {from: metadata}
select: [{exclude: [c1]}]
output: "{patient}_{case}.nii.gz"
"""


def by_name(study):
    stages, _ = study.stages()
    return {stage.name: stage for stage in stages}


def test_the_graph(study):
    after = {name: set(stage.after) for name, stage in by_name(study).items()}
    organs = {"export.organs", "plan.organs"}
    assert after["plan.organs"] == {"export.organs"}
    assert after["train.organs.fold1"] == organs
    assert after["predict.organs.part1"] == {"train.organs.fold0", "train.organs.fold1"}
    assert after["merge"] == {"predict.organs.part0", "predict.organs.part1", "predict.frame.part0"}
    assert after["export.unified"] == {"merge"}
    assert after["finetune.unified.all"] == {"export.unified", "plan.unified", "train.unified.all"}
    assert after["predict.unified.part0"] == {"finetune.unified.all"}
    assert after["repair"] == {"predict.unified.part0"}
    assert after["release"] == {"repair"}


def test_each_stage_stands_behind_what_it_reads(study):
    seen = set()
    for stage in by_name(study).values():
        assert set(stage.after) <= seen
        seen.add(stage.name)


def test_without_fine_tuning_the_first_training_predicts_with_mirroring(study):
    fine = by_name(study)["predict.unified.part0"]
    assert "--no-mirroring" in fine.command
    study.pipeline("  fine_tuning: {lengths: {epochs: 1}}\n", "")
    stages = by_name(study)
    assert not any(name.startswith("finetune") for name in stages)
    predict = stages["predict.unified.part0"]
    assert predict.after == ("train.unified.all",)
    assert "--no-mirroring" not in predict.command
    assert (fine.parameters["mirroring"], predict.parameters["mirroring"]) == (False, True)


def test_parts_divide_the_cases(study):
    study.pipeline("prediction: {parts: 2}", "prediction: {parts: 7}")
    parts = [s for name, s in by_name(study).items() if name.startswith("predict.organs")]
    assert [sorted(part.files) for part in parts] == [["image:c0"], ["image:c1"], ["image:c2"]]


CHANGES = {
    "lengths of one training": (("{epochs: 2}", "{epochs: 3}"), {"train.unified.all"}),
    "a scheme": (
        None,
        {"export.frame", "merge"},
    ),
    "rules": (("repair: rules.yaml", "repair: none"), {"repair", "release"}),
    "metadata": (("F: female", "F: unknown"), {"merge", "repair"}),
    "device": (("device: cuda", "device: cpu"), set()),
    "processes": (("device: cuda", "processes: 2"), set()),
    "checkpoints": (("device: cuda", "save_every: 9"), set()),
    "plans": (
        ("batch_size: 2", "batch_size: 3"),
        {"plan.organs", "plan.frame", "plan.unified"},
    ),
    "release": (("images: link", "images: copy"), {"release"}),
    "mirroring": (("{parts: 2}", "{parts: 2, mirroring: false}"), {
        "predict.organs.part0", "predict.organs.part1",
    }),
    "groups": (("  folds: all\n  lengths", "  folds: all\n  group_by: patient\n  lengths"), {
        "plan.unified",
    }),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_touches_what_it_decides(study, what):
    before = {name: stage.parameters for name, stage in by_name(study).items()}
    change, touched = CHANGES[what]
    if change is None:
        scheme = study.folder / "frame.yaml"
        scheme.write_text(scheme.read_text().replace("autochthon_left", "drop"))
    else:
        study.pipeline(*change)
    after = {name: stage.parameters for name, stage in by_name(study).items()}
    # The pipeline file itself lies in the release.
    texts = {"release"} if change is not None else {"release"} & touched
    differ = {name for name in before if before[name] != after[name]}
    assert differ - {"release"} == touched - {"release"}
    assert texts <= differ or not texts


def test_parameters_are_json_and_hold_no_path_of_this_machine(study):
    for stage in by_name(study).values():
        text = json.dumps({k: v for k, v in stage.parameters.items() if k != "texts"})
        assert str(study.folder) not in text, stage.name


def test_the_written_cohorts_are_cohort_files(study):
    prepared = prepare_pipeline(study.load())
    for cohort in (prepared.merge, prepared.repair):
        path = study.folder / f"{cohort.written.name}.yaml"
        path.write_text(cohort.written.text)
        assert load_cohort(path, load_ontology()).name == "tiny"
    assert [s.name for s in prepared.merge.written.cohort.sources] == ["organs", "frame"]


@pytest.fixture
def with_file(study):
    """The same with a cohort file of its own, which has a public prediction besides."""
    data = study.folder / "data"
    (data / "public").mkdir(parents=True)
    (study.folder / "cohort").rename(data / "cohort")
    rows = "".join(f"c{n},P{n},c{n}_0000.nii.gz\n" for n in range(3))
    (study.folder / "cases.csv").write_text("name,patient,file\n" + rows)
    for case in ("c0", "c2"):
        labels = (study.folder / "organs/seg/c0.nii.gz").read_bytes()
        (data / f"public/{case}.nii.gz").write_bytes(labels)
    (study.folder / "cohort.yaml").write_text(COHORT)
    start, end = study.text.index("cohort:\n"), study.text.index("unified:")
    study.text = study.text[:start] + "cohort: cohort.yaml\n" + study.text[end:]
    study.text = study.text.replace('name: "AutoPET_{patient}_{study:last5}.nii.gz", ', "")
    study.pipeline()
    return study


def test_a_cohort_file_says_where_predictions_go_and_what_else_is_merged(with_file):
    prepared = prepare_pipeline(with_file.load())
    cohort = prepared.merge.written.cohort
    data = with_file.folder / "data"
    assert [s.name for s in cohort.sources] == ["organs", "frame", "public"]
    assert prepared.pipeline.predictions == {
        "organs": f"{data}/preds/{{case}}.nii.gz",
        "frame": f"{with_file.folder}/work/predictions/frame/{{case}}.nii.gz",
    }
    assert sorted(prepared.images) == ["c0", "c2"]
    assert prepared.merge.selection.dropped.keys() == {"c1"}
    (public,) = prepared.merge.tasks[0].files.predictions
    assert public.path == data / "public/c0.nii.gz"
    labels = [task.place.labels.name for task in prepared.repair.tasks]
    assert labels == ["P0_c0.nii.gz", "P2_c2.nii.gz"]
    stage = by_name(with_file)["merge"]
    assert {p.name for p in stage.files.values()} == {
        "c0.nii.gz", "c2.nii.gz", "c0_0000.nii.gz", "c2_0000.nii.gz",
    }  # fmt: skip


def test_what_is_missing_of_a_public_prediction_is_said_before_any_work(with_file, selftrain):
    (with_file.folder / "data/public/c2.nii.gz").unlink()
    done = selftrain("pipeline.yaml", "--dry-run", cwd=with_file.folder)
    assert done.returncode == 2
    assert "COH010" in done.stderr
    assert "cohort.yaml:7:" in done.stderr
    assert not (with_file.folder / "work").exists()


def test_links_by_case(tmp_path):
    files = {}
    for name in ("a", "b"):
        files[name] = tmp_path / f"{name}.txt"
        files[name].write_text(name)
    folder = tmp_path / "links"
    link_cases(folder, files, ".nii")
    stamp = (folder / "a.nii").lstat().st_mtime_ns
    link_cases(folder, {"a": files["a"], "c": files["b"]}, ".nii")
    assert {p.name: p.read_text() for p in folder.iterdir()} == {"a.nii": "a", "c.nii": "b"}
    assert (folder / "a.nii").lstat().st_mtime_ns == stamp


def test_a_training_on_other_data_is_kept_aside(tmp_path):
    dataset = Dataset(tmp_path, 5, "Dataset005_x", NnunetModel(), {})
    set_aside_training(dataset, 0, "T")
    for number in (1, 2):
        fold = dataset.model("T") / "fold_0"
        fold.mkdir(parents=True)
        (fold / "checkpoint_final.pth").write_text(str(number))
        set_aside_training(dataset, 0, "T")
        assert not fold.exists()
        kept = tmp_path / f"replaced/Dataset005_x.T.fold_0.{number}/checkpoint_final.pth"
        assert kept.read_text() == str(number)


def test_changed_labels_reach_the_training(study, monkeypatch):
    """With nnU-Net's stages played by small ones: what is trained again when a label changes."""
    calls = []
    work = study.folder / "work"

    def play(name):
        def act(*_, **__):
            calls.append(name)
            path = work / "played" / f"{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
            return [path]

        return act

    def run():
        calls.clear()
        stages, records = study.stages()
        few = [s for s in stages if s.name.endswith(("frame", "frame.all"))]
        played = [
            Stage(s.name, s.work if s.name.startswith("export") else play(s.name), s.after,
                  s.parameters, s.files)
            for s in few
        ]  # fmt: skip
        run_stages(played, records, lambda *_: None)
        return list(calls)

    assert run() == ["plan.frame", "train.frame.all"]
    assert run() == []
    seg = study.folder / "frame/seg"
    (seg / "c0.nii.gz").write_bytes((seg / "c1.nii.gz").read_bytes())
    assert run() == ["plan.frame", "train.frame.all"]


def test_without_nnunet_one_line(study, selftrain):
    done = selftrain("pipeline.yaml", before=HIDE, cwd=study.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error[NNU001]: `vesalius nnunet selftrain` needs nnU-Net: "
        "pip install '.[nnunet]' in the checkout of vesalius\n"
    )
    assert not (study.folder / "work").exists()


def test_stages_of_ours_need_no_nnunet(study, selftrain):
    arguments = ("pipeline.yaml", "--stage")
    done = selftrain(*arguments, "export.organs", before=HIDE, cwd=study.folder)
    assert (done.returncode, done.stdout) == (0, "export.organs: done\n"), done.stderr
    done = selftrain(*arguments, "plan.organs", before=HIDE, cwd=study.folder)
    assert done.returncode == 2
    assert "pip install '.[nnunet]' in the checkout of vesalius" in done.stderr


@pytest.mark.parametrize(
    "arguments", [("--dry-run", "--emit", "snakemake"), ("-o", "x"), ("--stage", "a", "--dry-run")]
)
def test_options_that_do_not_go_together(study, selftrain, arguments):
    done = selftrain("pipeline.yaml", *arguments, cwd=study.folder)
    assert done.returncode == 2
    assert "Usage" in done.stderr


def test_the_json_schema_accepts_the_pipeline(study):
    schema = json_schema("selftrain")
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    data = load_document(study.folder / "pipeline.yaml").data
    assert not list(validator.iter_errors(data))
    data["unified"]["folds"] = [7]
    assert list(validator.iter_errors(data))
