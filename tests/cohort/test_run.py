"""Running cohorts: what is written, what is done again, what fails alone."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.cli.outcome import Ended, guard
from vesalius.adapters.cohort.cohort_job import prepare_job
from vesalius.adapters.cohort.done_before import done_before
from vesalius.adapters.files.atomic import json_text
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.schemas import json_schema


def read(path: str):
    return json.loads(Path(path).read_text())


def statuses(out: str = "out") -> dict[str, str]:
    return {case["case"]: case["status"] for case in read(f"{out}/cohort.json")["cases"]}


def times(folder: str) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in Path(folder).rglob("labels.nii.gz")}


def test_the_same_as_one_case_alone(study, tmp_path, capsys):
    """The label map equals the prediction: same scheme in, same scheme out."""
    study.run()
    for name in "abc":
        image = nib.load(f"out/{name}/labels.nii.gz")
        assert np.array_equal(image.dataobj, nib.load(f"preds/{name}.nii.gz").dataobj)
        assert sorted(p.name for p in Path(f"out/{name}").iterdir()) == [
            "labels.ctbl", "labels.nii.gz", "labels.txt", "report.json",
        ]  # fmt: skip
    from vesalius.adapters.cli.main import cli

    arguments = ["-p", "amos22=preds/b.nii.gz", "-i", "images/b_0000.nii.gz", "--sex", "female"]
    options = ["-t", "amos22", "--rules", "none", "-o", "alone"]
    assert guard(cli, ["run", *arguments, *options]) == 0
    for name in ("labels.nii.gz", "labels.txt", "labels.ctbl"):
        assert Path(f"alone/{name}").read_bytes() == Path(f"out/b/{name}").read_bytes()
    alone, ours = read("alone/report.json"), read("out/b/report.json")
    assert ours.pop("cohort")["case"] == "b"
    assert ours.pop("sha256") != alone.pop("sha256")
    assert ours == alone
    assert alone["metadata"] == {"sex": "female"}
    assert "3 written" in capsys.readouterr().out


def test_the_report(study):
    study.table("name,Sex\na,M\nb,F\nc,F\n")
    study.cohort("cases:", "select: [{metadata: {sex: [female]}}]\ncases:")
    study.run()
    report = read("out/cohort.json")
    assert report["schema"] == "cohort-report/1"
    assert report["selection"] == {
        "found": 3,
        "kept": 2,
        "rules": [{"rule": "sex one of female", "dropped": 1}],
        "dropped": [{"case": "a", "why": ["sex is `male`"]}],
    }
    assert report["counts"] == {
        "written": 2, "excluded": 0, "failed": 0, "incomplete": 0, "open": 0,
    }  # fmt: skip
    assert report["plan"] == read("out/b/report.json")["plan"]
    assert report["sources"] == [
        {"source": "amos22", "scheme": "amos22", "path": "preds/{case}.nii.gz"}
    ]
    for case in report["cases"]:
        assert (Path("out") / case["labels"]).is_file()
        assert (Path("out") / case["report"]).is_file()
        assert case["structures"] == len(read(f"out/{case['report']}")["structures"])


def test_files_named_as_in_the_paper(study):
    study.cohort("cases:", 'output: "release/AutoPET_{subject}_{study_uid:last5}.nii.gz"\ncases:')
    study.run()
    names = [f"AutoPET_S{k}_{str(k) * 5}" for k in (1, 2, 3)]
    expected = [f"release/{n}{end}" for n in names for end in (".nii.gz", ".report.json")]
    found = [p.relative_to("out").as_posix() for p in Path("out").rglob("*") if p.is_file()]
    assert sorted(found) == sorted(
        [*expected, "cohort.csv", "cohort.json", "labels.ctbl", "labels.txt"]
    )
    before = {p: p.stat().st_mtime_ns for p in Path("out/release").iterdir()}
    study.run()
    assert {p: p.stat().st_mtime_ns for p in Path("out/release").iterdir()} == before


def test_nothing_is_done_twice(study, digests, capsys):
    study.run()
    first, when = digests("out"), times("out")
    study.run()
    assert "3 done before" in capsys.readouterr().out
    assert (digests("out"), times("out")) == (first, when)
    study.run(force=True)
    assert digests("out") == first
    assert all(times("out")[path] > when[path] for path in when)


@pytest.mark.parametrize("lost", ["labels.nii.gz", "report.json", "labels.txt"])
def test_what_is_lost_is_done_again_and_nothing_else(study, digests, lost):
    study.run()
    first, when = digests("out"), times("out")
    Path(f"out/b/{lost}").unlink()
    study.run()
    assert digests("out") == first
    now = times("out")
    assert {path for path in now if now[path] != when[path]} == {"out/b/labels.nii.gz"}


def spoil_labels(study):
    Path("out/b/labels.nii.gz").write_bytes(b"other")


def change_prediction(study):
    study.case("b", 77, (5, 6, 8))


def change_sex(study):
    text = Path("cases.csv").read_text()
    study.table(text.replace("b,F", "b,M"))


def cut_report(study):
    text = Path("out/b/report.json").read_text()
    Path("out/b/report.json").write_text(text[: len(text) // 2])


def deep_report(study):
    Path("out/b/report.json").write_text("[" * 200_000)


def change_a_count(study):
    """Something that says nothing about inputs or outputs."""
    report = read("out/b/report.json")
    report["structures"][0]["voxels"] += 1
    Path("out/b/report.json").write_text(json_text(report))


def name_another_file(study):
    """Else the files that a report names, and the next one does not, would go."""
    Path("out/b/kept").write_text("kept")
    report = read("out/b/report.json")
    report["cohort"]["outputs"]["kept"] = file_digest(Path("out/b/kept"))
    Path("out/b/report.json").write_text(json_text(report))
    Path("fresh/b").mkdir(parents=True)
    Path("fresh/b/kept").write_text("kept")


@pytest.mark.parametrize(
    "change",
    [
        spoil_labels, change_prediction, change_sex, cut_report, deep_report, change_a_count,
        name_another_file,
    ],
)  # fmt: skip
def test_what_changed_is_done_again_and_nothing_else(study, digests, change):
    study.run()
    when = times("out")
    change(study)
    study.run("out")
    study.run("fresh")
    now = times("out")
    assert {path for path in now if now[path] != when[path]} == {"out/b/labels.nii.gz"}
    assert digests("out") == digests("fresh")


def random_edit(text: str, rng) -> str:
    """Change one character, take some away, or put some in twice."""
    at, length = int(rng.integers(len(text))), int(rng.integers(1, 40))
    kind = rng.integers(3)
    if kind == 0:
        return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + length :]
    return text[: at + length] + text[at:]


def test_no_edit_of_a_report_is_believed(study):
    study.run()
    cohort, _, tasks = study.preflight()
    task, job = tasks.ready[1], prepare_job(cohort).fingerprint
    whole = task.place.report.read_bytes()
    report = done_before(task, job)
    assert report == json.loads(whole)
    rng = np.random.default_rng(5)
    edits = {random_edit(whole.decode(), rng).encode() for _ in range(300)} - {whole}
    edits |= {
        whole + b" ",
        whole.replace(b"\n", b"\r\n"),
        b"",
        b"[1]",
        b"{}",
        b"\xff",
        b"[" * 99_999,
    }
    # What looks like a report of ours in every way but one.
    for key in report:
        edits.add(json_text({k: v for k, v in report.items() if k != key}).encode())
        edits.add(json_text({**report, key: 0}).encode())
    assert len(edits) > 300
    for edit in edits:
        task.place.report.write_bytes(edit)
        assert done_before(task, job) is None
    task.place.report.write_bytes(whole)
    assert done_before(task, job) == report


def test_masks_that_changed_are_seen(study):
    study.cohort("preds/{case}.nii.gz", "masks/{case}")
    for name in "abc":
        shape = nib.load(f"preds/{name}.nii.gz").shape
        study.volume(f"masks/{name}/spleen.nii.gz", np.ones(shape, np.uint8))
    study.run()
    when = times("out")
    study.run()
    assert times("out") == when
    study.volume("masks/c/liver.nii.gz", np.ones((5, 6, 9), np.uint8))
    study.run()
    now = times("out")
    assert {path for path in now if now[path] != when[path]} == {"out/c/labels.nii.gz"}


def test_another_plan_does_all_again(study, digests):
    study.run()
    when = times("out")
    study.cohort("target: amos22", "target: btcv")
    study.run()
    assert all(times("out")[path] > when[path] for path in when)
    study.run("fresh")
    assert digests("out") == digests("fresh")


def test_a_case_that_fails_fails_alone(study, capsys):
    path = Path("preds/b.nii.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Ended) as ended:
        study.run()
    assert ended.value.code == 4
    assert statuses() == {"a": "written", "b": "failed", "c": "written"}
    (problem,) = read("out/cohort.json")["cases"][1]["problems"]
    assert (problem["code"], problem["path"]) == ("IO005", "preds/b.nii.gz")
    assert not Path("out/b").exists()
    assert "case `b` failed" in capsys.readouterr().err
    study.case("b", 1, (5, 6, 8))
    when = times("out")
    study.run()
    assert set(statuses().values()) == {"written"}
    assert {path: times("out")[path] for path in when} == when


def test_incomplete_cases_stop_before_any_work(study, capsys):
    Path("preds/c.nii.gz").unlink()
    with pytest.raises(Ended) as ended:
        study.run()
    assert ended.value.code == 3
    assert not Path("out").exists()
    said = capsys.readouterr().err
    assert "c: preds/c.nii.gz" in said
    assert "--keep-going" in said


def test_keep_going_runs_the_complete_ones(study):
    Path("preds/c.nii.gz").unlink()
    study.table("name,Sex\na,M\nb,divers\nc,M\n")
    with pytest.raises(Ended) as ended:
        study.run()
    assert ended.value.code == 2
    with pytest.raises(Ended) as ended:
        study.run(keep_going=True)
    assert ended.value.code == 4
    assert statuses() == {"a": "written", "b": "incomplete", "c": "incomplete"}
    cases = read("out/cohort.json")["cases"]
    assert cases[1]["why"] == "sex `divers`"
    assert cases[2]["why"] == "amos22: preds/c.nii.gz"


def test_a_dry_run_writes_nothing(study, capsys):
    study.run(dry_run=True)
    assert "3 cases can be run" in capsys.readouterr().out
    study.run(dry_run=True, as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert [case["status"] for case in report["cases"]] == ["open"] * 3
    assert not Path("out").exists()


def test_an_empty_selection(study, capsys):
    from vesalius.adapters.cli.main import cli

    study.cohort("cases:", "select: [{slices: {at_least: 99}}]\ncases:")
    assert guard(cli, ["run", "cohort.yaml", "-o", "out"]) == 2
    assert "COH009" in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cohort.yaml", "--sex", "male"], "--sex: for a cohort this stands in its YAML"),
        (["cohort.yaml", "-p", "a=b", "--diff"], "--prediction, --diff: for a cohort"),
        (["-p", "amos22=preds/a.nii.gz", "--workers", "2"], "--workers needs a COHORT.yaml"),
        (["preds/a.nii.gz"], "--prediction SCHEME=preds/a.nii.gz"),
        ([], "nothing to run"),
        (["cohort.yaml", "--workers", "0"], "--workers"),
    ],
)
def test_options_that_do_not_go_together(study, capsys, arguments, said):
    from vesalius.adapters.cli.main import cli

    assert guard(cli, ["run", *arguments, "-o", "out"]) == 2
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


def test_unknown_rules_are_shown_where_they_are_chosen(study, capsys):
    from vesalius.adapters.cli.main import cli

    study.cohort("rules: none", "rules: nothing_like_this")
    assert guard(cli, ["run", "cohort.yaml", "-o", "out"]) == 2
    assert "cohort.yaml:7:8" in capsys.readouterr().err


def test_rules_and_trace_are_those_of_one_case(study):
    """Whatever a single case writes, a case of a cohort does, and the run knows of it."""
    from vesalius.adapters.cli.main import cli

    study.cohort(
        "target: amos22", "target: dap_atlas",
        "rules: none", "rules: {pack: dap_atlas, select: ['*'], trace: true}",
    )  # fmt: skip
    study.run()
    arguments = ["-p", "amos22=preds/a.nii.gz", "-i", "images/a_0000.nii.gz", "--sex", "male"]
    options = ["--rules", "dap_atlas", "--trace", "-o", "alone"]
    assert guard(cli, ["run", *arguments, *options]) == 0
    names = sorted(path.name for path in Path("alone").iterdir())
    assert "trace.nii.gz" in names
    assert names == sorted(path.name for path in Path("out/a").iterdir())
    for name in set(names) - {"report.json"}:
        assert Path("alone", name).read_bytes() == Path("out/a", name).read_bytes()
    when = times("out")
    study.run()
    assert times("out") == when
    Path("out/c/trace.nii.gz").unlink()
    study.run()
    assert Path("out/c/trace.nii.gz").is_file()
    assert [path for path in when if times("out")[path] != when[path]] == ["out/c/labels.nii.gz"]


def test_a_trace_that_is_no_longer_wanted_goes(study, digests):
    study.cohort("rules: none", "rules: {pack: none, trace: true}")
    study.run()
    Path("out/a/notes.txt").write_text("mine")
    traced = {"out/a/trace.nii.gz", "out/b/trace.nii.gz", "out/c/trace.nii.gz"}
    assert {str(p) for p in Path("out").rglob("trace.nii.gz")} == traced
    study.cohort()
    study.run()
    study.run("fresh")
    assert Path("out/a/notes.txt").read_text() == "mine"
    Path("out/a/notes.txt").unlink()
    assert digests("out") == digests("fresh")


def test_the_json_schema_is_one():
    import jsonschema

    schema = json_schema("cohort")
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {
        "schema": "cohort/1", "cohort": "x", "predictions": {"amos22": "{case}"}, "cases": ["a"],
        "select": [{"slices": {"at_least": 3}}, {"exclude": ["b"]}], "rules": {"pack": "p"},
    }  # fmt: skip
    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "select": [{"slice": 3}]}, schema)
