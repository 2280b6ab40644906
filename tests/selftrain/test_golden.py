"""The exact text of every message of a pipeline, and of what --dry-run and --emit print.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from golden_texts import codes_of

from vesalius.adapters.selftrain.run_stages import run_one
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.render import render_human

GOLDEN = Path(__file__).parent / "golden"
COHORT = """\
schema: cohort/1
cohort: target_cases
image: cohort/{case}_0000.nii.gz
predictions:
  organs: {scheme: organs.yaml, path: "preds/organs/{case}.nii.gz"}
target: whole.yaml
rules: none
cases: {from: image}
"""


def found_in(study):
    try:
        study.stages()
    except DiagnosticError as failed:
        return failed.diagnostics
    return ()


def pieces(*changes):
    return lambda s: s.pipeline(*changes)


def keys(s):
    s.pipeline("dataset: 501", "datset: 501", "folds: all\ncohort", "folds: [5]\ncohort")


def few_groups(s):
    s.pipeline("  folds: all\n  lengths", "  folds: [0]\n  group_by: patient\n  lengths")


def two_formats(s):
    names = {"c0": "0.nii.gz", "c1": "1.nii", "c2": "2.nii"}
    for case, name in names.items():
        (s.folder / f"cohort/{case}_0000.nii.gz").rename(s.folder / "cohort" / name)
    rows = [f"{case},M,{case},2.25.1000{name[0]},{name}\n" for case, name in names.items()]
    (s.folder / "cases.csv").write_text("name,Sex,patient,study,file\n" + "".join(rows))
    s.pipeline("cohort/{case}_0000.nii.gz", "'cohort/{file}'", "{from: image}", "{from: metadata}")


def cohort_file(s, *changes):
    text = COHORT
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    (s.folder / "cohort.yaml").write_text(text)
    start, end = s.text.index("cohort:\n"), s.text.index("merge:")
    s.text = s.text[:start] + "cohort: cohort.yaml\n" + s.text[end:]
    s.pipeline("{patient}_{study:last5}", "{case}")


def stage_unknown(s):
    stages, records = s.stages()
    run_one("train.organ.fold0", stages, records, lambda *_: None)


def stage_waits(s):
    stages, records = s.stages()
    run_one("plan.organs", stages, records, lambda *_: None)


def stage_locked(s):
    stages, records = s.stages()
    with records.locked(stages[0]):
        run_one("export.organs", stages, records, lambda *_: None)


def no_release(s):
    (s.folder / "release").mkdir()
    (s.folder / "release" / "thesis.txt").touch()


PROBLEMS = {
    "STR001-same_id": pieces("dataset: 502", "dataset: 501", "dataset: 510", "dataset: 501"),
    "STR002-names": pieces("  frame:\n", "  unified:\n", "  organs:\n", "  my organs:\n"),
    "STR003-few_cases": pieces("    folds: all\ncohort", "    folds: [0, 3]\ncohort"),
    "STR003-default_folds": pieces("    folds: all\ncohort", "cohort"),
    "STR003-few_groups": few_groups,
    "STR004-not_an_expert": pieces(
        "nnUNetTrainer_MirrorSwap", "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3"
    ),
    "STR004-not_a_fine_tuning": pieces("fine_tuning: {", "fine_tuning: {trainer: nnUNetTrainer, "),
    "STR005-other_field": lambda s: cohort_file(s, "preds/organs/{case}", "{cohort}/{case}"),
    "STR005-folder": lambda s: cohort_file(s, '/{case}.nii.gz"}', '/{case}/"}'),
    "STR006-two_formats": two_formats,
    "STR007-unknown": stage_unknown,
    "STR008-waits": stage_waits,
    "STR009-locked": stage_locked,
    "STR010-holds_the_pipeline": pieces("release: {", "release: {folder: ., "),
    "STR010-in_the_work": pieces("release: {", "release: {folder: work/out, "),
    "no_release": no_release,
    "shape": keys,
    "schema": pieces("selftrain/1", "selftrain/2"),
    "cohort-neither": lambda s: s.pipeline(
        s.text[s.text.index("cohort:\n") : s.text.index("merge:")], "cohort: [a, b]\n"
    ),
    "cohort-brace": pieces("image: cohort/{case}_", "image: cohort/{case_"),
    "cohort-column": pieces("case: name, sex: Sex", "case: nam, sex: Sex"),
    "cohort-no_row": lambda s: (s.folder / "cases.csv").write_text(
        "name,Sex,patient,study\nc0,M,P1,2.25.10001\n"
    ),
    "cohort-release_field": pieces("{study:last5}", "{studdy:last5}"),
    "cohort-release_twice": pieces("_{study:last5}", ""),
    "cohort-no_image": lambda s: cohort_file(
        s, "image: cohort/{case}_0000.nii.gz\n", "", "{from: image}", "[c0, c1, c2]"
    ),
    "cohort-file_column": lambda s: cohort_file(s, "cases: ", "select: [{slice: 3}]\ncases: "),
    "cohort-no_file": lambda s: s.pipeline(
        s.text[s.text.index("cohort:\n") : s.text.index("merge:")], "cohort: cohorts.yaml\n"
    ),
    "group-no_column": pieces(
        "  folds: all\n  lengths", "  folds: all\n  group_by: patien\n  lengths"
    ),
    "rules-unknown": pieces("rules: none", "rules: nine"),
    "scheme-unknown": pieces("scheme: organs.yaml", "scheme: amos2"),
    "target-unknown": pieces("target: whole.yaml", "target: hole.yaml"),
    "images-none": pieces("organs/ct/{case}", "organs/cts/{case}"),
    "images-template": pieces("organs/seg/{case}.nii.gz", "organs/seg/{cas}.nii.gz"),
    "labels-missing": lambda s: (s.folder / "frame/seg/c1.nii.gz").unlink(),
}


def compare(name, text, folder):
    text = text.replace(str(folder), "FOLDER")
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", PROBLEMS)
def test_message(study, name, capsys):
    try:
        PROBLEMS[name](study)
        found = found_in(study)
    except DiagnosticError as failed:
        found = failed.diagnostics
    capsys.readouterr()
    assert found
    if name.startswith("STR"):
        assert name[:6] in {d.code for d in found}
    compare(name, render_human(found), study.folder)


def test_every_code_has_a_golden_text():
    assert {name[:6] for name in PROBLEMS if name.startswith("STR")} == set(codes_of("STR"))


def test_no_golden_text_is_left_over():
    known = {*PROBLEMS, "dry_run", "dry_run_half", "snakefile", "help"}
    assert {path.stem for path in GOLDEN.glob("*.txt")} == known


def test_dry_run(study, selftrain):
    before = sorted(study.folder.rglob("*"))
    done = selftrain("pipeline.yaml", "--dry-run", cwd=study.folder)
    assert done.returncode == 0, done.stderr
    compare("dry_run", done.stdout, study.folder)
    assert sorted(study.folder.rglob("*")) == before


def test_dry_run_says_what_is_done(study, selftrain):
    """Two datasets are written, one of them with a label map that changed since."""
    for name in ("organs", "frame"):
        done = selftrain("pipeline.yaml", "--stage", f"export.{name}", cwd=study.folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"export.{name}: done\n"
    seg = study.folder / "frame/seg"
    os.replace(seg / "c0.nii.gz", seg / "c1.nii.gz")
    (seg / "c0.nii.gz").write_bytes((seg / "c1.nii.gz").read_bytes())
    done = selftrain("pipeline.yaml", "--dry-run", "--work", "work", cwd=study.folder)
    words = "".join(line + "\n" for line in done.stdout.splitlines() if not line.startswith("  "))
    compare("dry_run_half", words, study.folder)


def test_snakefile(study, selftrain):
    done = selftrain("pipeline.yaml", "--emit", "snakemake", "-o", "Snakefile", cwd=study.folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Snakefile: written\n"
    text = (study.folder / "Snakefile").read_text()
    compare("snakefile", text, study.folder)
    assert text.count("gpu=1,") == 9
    done = selftrain("pipeline.yaml", "--emit", "snakemake", cwd=study.folder)
    assert done.stdout == text


def test_help(selftrain):
    done = selftrain("--help")
    compare("help", done.stdout, Path("/nowhere"))
