"""`vesalius new cohort` and `new selftrain`: read as they are, every key explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard
from vesalius.adapters.cohort.cohort_models import CohortModel
from vesalius.adapters.selftrain.pipeline_models import PipelineModel

SWITCHED_OFF = re.compile(r"^( *)#(?=[\w-])", re.MULTILINE)
KINDS = {
    "cohort": CohortModel,
    "selftrain": PipelineModel,
}


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = guard(cli, [str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def all_on(text: str) -> str:
    """Switch on every line that is switched off."""
    return SWITCHED_OFF.sub(r"\1", text)


def keys_of(schema: object) -> set[str]:
    """Every key that a JSON Schema names."""
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema))
    if not isinstance(schema, dict):
        return set()
    found = schema.get("properties", {})
    return set(found) | set().union(set(), *map(keys_of, schema.values()))


@pytest.mark.parametrize("kind", KINDS)
def test_it_lints_clean(run, kind):
    code, out, err = run("new", kind, "-o", "first.yaml")
    assert (code, out) == (0, "")
    assert err.startswith("wrote first.yaml\nchange it, and see `vesalius lint first.yaml` and ")
    assert run("lint", "first.yaml", "--fail-on", "info")[:2] == (0, "1 file: no problems\n")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_explained(run, kind):
    run("new", kind, "-o", "first.yaml")
    text = Path("first.yaml").read_text()
    keys = keys_of(KINDS[kind].model_json_schema())
    assert len(keys) > 15
    assert {
        key for key in keys if not re.search(rf"\b{key}: ", f"{text} ".replace("\n", " "))
    } == set()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_switched_off_is_right_too(run, kind):
    run("new", kind, "-o", "first.yaml")
    text = Path("first.yaml").read_text()
    model = KINDS[kind].model_validate(yaml.safe_load(all_on(text)))
    # All that can be said at the top is said.
    assert model.model_fields_set == set(KINDS[kind].model_fields)


def test_missing_files_are_all_that_is_missing(run):
    run("new", "cohort", "-o", "cohort.yaml")
    code, _, err = run("run", "cohort.yaml", "-o", "out", "--dry-run")
    assert code == 2
    assert re.findall(r"\[(\w+)\]: ", err) == ["COH009"]
    Path("images").mkdir()
    Path("images/one_0000.nii.gz").touch()
    code, _, err = run("run", "cohort.yaml", "-o", "out", "--dry-run")
    assert code == 3
    assert set(re.findall(r"^error\[(\w+)\]", err, re.MULTILINE)) == {"COH010"}
    assert "predictions/amos22/one.nii.gz" in err


def test_what_is_known_is_filled_in(run, tmp_path):
    scheme = "schema: scheme/1\nscheme: mine\ntitle: Mine\nlabels: {1: liver}\n"
    Path("mine.yaml").write_text(scheme)
    Path("deep").mkdir()
    code, _, err = run(
        "new", "cohort", "--scheme", "amos22", "--scheme", "mine.yaml", "--scheme", "amos22",
        "--image", "ct scans/{case}.nii.gz", "--target", "btcv", "-o", "deep/two words.yaml",
    )  # fmt: skip
    assert code == 0, err
    data = yaml.safe_load(Path("deep/two words.yaml").read_text())
    assert data["cohort"] == "two_words"
    assert data["image"] == "ct scans/{case}.nii.gz"
    assert data["target"] == "btcv"
    assert data["predictions"] == {
        "amos22": "predictions/amos22/{case}.nii.gz",
        "mine": {"scheme": "../mine.yaml", "path": "predictions/mine/{case}.nii.gz"},
        "amos22_2": {"scheme": "amos22", "path": "predictions/amos22_2/{case}.nii.gz"},
    }
    assert run("lint", "deep/two words.yaml")[0] == 0


def test_the_experts_are_filled_in(run):
    Path("my set.yaml").write_text(
        "schema: scheme/1\nscheme: mine\ntitle: Mine\nlabels: {1: liver}\n"
    )
    code, _, err = run(
        "new", "selftrain", "--scheme", "verse", "--scheme", "my set.yaml", "--name", "ours",
        "--image", "ct/{case}_0000.nii.gz", "--target", "totalsegmentator_v2", "-o", "p.yaml",
    )  # fmt: skip
    assert code == 0, err
    data = yaml.safe_load(Path("p.yaml").read_text())
    assert data["pipeline"] == "ours"
    assert {name: (e["scheme"], e["dataset"]) for name, e in data["experts"].items()} == {
        "verse": ("verse", 101),
        "my_set": ("my set.yaml", 102),
    }
    assert data["experts"]["my_set"]["labels"] == "datasets/my_set/labels/{case}.nii.gz"
    assert data["cohort"]["image"] == "ct/{case}_0000.nii.gz"
    assert data["merge"]["target"] == "totalsegmentator_v2"
    assert run("lint", "p.yaml")[:2] == (0, "1 file: no problems\n")


def test_datasets_have_numbers_of_their_own(run):
    words = [word for _ in range(95) for word in ("--scheme", "verse")]
    assert run("new", "selftrain", *words, "-o", "p.yaml")[0] == 0
    data = yaml.safe_load(Path("p.yaml").read_text())
    numbers = [e["dataset"] for e in data["experts"].values()] + [data["unified"]["dataset"]]
    assert len(set(numbers)) == 96


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scheme", "amos2"), "did you mean `amos22`?"),
        (("--target", "none.yaml"), "none.yaml"),
        (("--image", "ct.nii.gz"), "names no case by `{case}` alone"),
        (("--image", "{case}_{study}.nii.gz"), "names no case by `{case}` alone"),
        (("--image", "{case.nii.gz"), "the brace `{` has no partner"),
    ],
)
def test_mistakes(run, kind, words, said):
    code, out, err = run("new", kind, *words, "-o", "first.yaml")
    assert (code, out) == (2, "")
    assert said in err
    assert not Path("first.yaml").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_written_over(run, kind):
    Path("first.yaml").write_text("mine")
    code, _, err = run("new", kind, "-o", "first.yaml")
    assert code == 2
    assert "exists already; nothing was written" in err
    assert Path("first.yaml").read_text() == "mine"


def test_a_cohort_with_its_files_and_its_table(run):
    Path("cases.csv").write_text("Case;Sex;age\na;F;3\nb;;4\nc;M;5\n")
    given = (
        "-p",
        "amos22=seg/{case}.nii.gz",
        "--image",
        "ct/{case}.nii.gz",
        "--table",
        "cases.csv",
    )
    assert run("new", "cohort", *given, "-o", "cohort.yaml")[0] == 0
    read = yaml.safe_load(Path("cohort.yaml").read_text())
    assert read["predictions"] == {"amos22": "seg/{case}.nii.gz"}
    assert read["metadata"] == {
        "table": "cases.csv", "case": "Case", "sex": "Sex",
        "values": {"Sex": {"": "unknown", "F": "female", "M": "male"}},
    }  # fmt: skip
    assert run("lint", "cohort.yaml", "--fail-on", "info")[:2] == (0, "1 file: no problems\n")


@pytest.mark.parametrize(
    ("table", "sex", "values", "said"),
    [
        ("Fall;Geschlecht\na;weiblich\nb;m\n", "Geschlecht", {"m": "male", "weiblich": "female"},
         "cases are in the column `Fall`, sexes in `Geschlecht`\n"),
        ("case,PatientSex\na,O\nb,\n", "PatientSex", {"": "unknown", "O": "unknown"},
         "sexes in `PatientSex`; `O` became unknown: say what it means\n"),
        ("case,age\na,3\n", None, None,
         "cases are in the column `case`; no column of sexes was found: write it as `sex:`\n"),
    ],
)  # fmt: skip
def test_what_is_understood_of_a_table_is_said(run, table, sex, values, said):
    Path("cases.csv").write_text(table)
    code, _, err = run("new", "cohort", "-p", "amos22=seg/{case}.nii.gz", "--table", "cases.csv",
                       "-o", "cohort.yaml")  # fmt: skip
    assert code == 0
    assert said in err
    metadata = yaml.safe_load(Path("cohort.yaml").read_text())["metadata"]
    assert metadata.get("sex") == sex
    assert metadata.get("values", {}).get(sex) == values
    assert run("lint", "cohort.yaml", "--fail-on", "info")[0] == 0


def test_a_cohort_without_images_takes_its_cases_from_the_prediction(run):
    assert run("new", "cohort", "-p", "amos22=seg/{case}.nii.gz", "-o", "cohort.yaml")[0] == 0
    read = yaml.safe_load(Path("cohort.yaml").read_text())
    assert "image" not in read
    assert read["cases"] == {"from": "amos22"}
    assert run("lint", "cohort.yaml", "--fail-on", "info")[0] == 0


@pytest.mark.parametrize("given", ["amos22", "=x/{case}", "amos22=", "amos22=seg/all.nii.gz"])
def test_a_prediction_that_cannot_be_meant(run, given):
    code, _, err = run("new", "cohort", "-p", given, "-o", "cohort.yaml")
    assert code == 2
    assert "--prediction" in err
    assert not Path("cohort.yaml").exists()


def test_a_scheme_from_a_folder_of_masks(run):
    Path("case/segmentations").mkdir(parents=True)
    for name in ("rib_10", "Liver", "rib_9", "spleen"):
        Path(f"case/segmentations/{name}.nii.gz").touch()
    code, out, _ = run("new", "scheme", "--from", "case", "--name", "mine")
    assert code == 0
    read = yaml.safe_load(out)
    assert read["labels"] == {1: "liver", 2: "rib_9", 3: "rib_10", 4: "spleen"}
    assert read["names"] == {1: "Liver"}


def test_a_label_map_that_names_nothing_gives_no_scheme(run):
    import nibabel as nib
    import numpy as np

    nib.save(nib.Nifti1Image(np.ones((2, 2, 2), np.uint8), np.eye(4)), "seg.nii.gz")
    code, _, err = run("new", "scheme", "--from", "seg.nii.gz", "-o", "mine.yaml")
    assert code == 2
    assert "names classes" in err
    assert not Path("mine.yaml").exists()


def test_a_project(run):
    code, out, err = run("new", "project", "mine")
    assert (code, out) == (0, "")
    assert err.startswith("wrote mine/vesalius.yaml, with folders for schemes, rules, structures\n")
    assert sorted(p.name for p in Path("mine").iterdir()) == [
        "rules", "schemes", "structures", "vesalius.yaml",
    ]  # fmt: skip
    assert run("--project", "mine", "lint", "--fail-on", "info")[:2] == (0, "1 file: no problems\n")
    assert run("new", "project", "mine")[0] == 2


def test_a_rule_is_in_the_pack_that_its_file_is_called_by(run):
    run("new", "rule", "pieces/one-spleen", "--for", "spleen", "-o", "our-rules.yaml")
    assert yaml.safe_load(Path("our-rules.yaml").read_text())["pack"] == "our_rules"
