"""What `vesalius lint` and a run say of a cohort file before its first case."""

from __future__ import annotations

from pathlib import Path

import pytest

from calling import call_vesalius


def lint(study, *changes: str) -> str:
    study.cohort(*changes)
    done = call_vesalius("lint", "cohort.yaml")
    assert done.returncode == 1, done.stdout
    return done.stdout


def dry_run(study, *changes: str):
    study.cohort(*changes)
    return call_vesalius("run", "cohort.yaml", "-o", "out", "--dry-run")


def test_lint_finds_nothing_in_a_good_one(study):
    done = call_vesalius("lint", "cohort.yaml")
    assert (done.returncode, done.stdout) == (0, "1 file: no problems\n")


def test_a_pack_that_is_not_known_is_found_by_lint(study):
    said = lint(study, "rules: none", "rules: recomended")
    assert "error[RUL001]: no rule pack is called `recomended`" in said
    assert "cohort.yaml:7:8" in said
    assert "did you mean `recommended`?" in said


def test_a_rule_that_is_not_known_is_found_by_lint(study):
    said = lint(study, "rules: none", "rules: {pack: recommended, select: [sides/nothing]}")
    assert "error[CLI003]" in said


def test_a_preference_for_nothing_is_found_by_lint(study):
    said = lint(study, "rules: none", "rules: none\nmerge: priority\nprefer: [verse]")
    assert "error[API005]: `verse` is preferred, and the cohort has no such prediction" in said


def test_a_list_of_packs_is_answered_with_the_right_form(study):
    said = lint(study, "rules: none", "rules: [recommended, dap_atlas]")
    assert "needs a pack, or `{pack: [recommended, my_rules.yaml]}` for several" in said


def test_a_prediction_without_a_template(study):
    said = lint(study, "amos22: preds/{case}.nii.gz", "amos22:")
    assert "`amos22` needs a template of its file, such as `preds/{case}.nii.gz`" in said


@pytest.mark.parametrize(
    ("template", "hint"),
    [
        ("preds/%s.nii.gz", "no case has a file of its own: write `{case}` where the name of the"),
        ("~/preds/{case}.nii.gz", "`~` is not your home folder here: write the whole path"),
        (r"preds\{case}.nii.gz", r"write `/` between folders, not `\`"),
    ],
)
def test_a_template_that_can_fit_nothing_is_told_why(study, template, hint):
    done = dry_run(study, "preds/{case}.nii.gz", template)
    assert "error[COH010]: 3 of 3 cases without the file of `amos22`" in done.stderr
    assert hint in done.stderr


def test_a_file_that_all_cases_share_is_told_of(study):
    done = dry_run(study, "preds/{case}.nii.gz", "preds/a.nii.gz")
    assert "several cases have the same path for `amos22`: is `{case}` missing in it?" in (
        done.stderr
    )
    Path("preds/b.nii.gz").write_bytes(Path("preds/a.nii.gz").read_bytes())
    done = dry_run(study)
    assert "is one patient there under two names?" in done.stderr
    assert "the same path" not in done.stderr


def test_fields_are_listed_once(study):
    study.table("case,Sex\na,M\nb,F\nc,M\n")
    said = lint(study, "case: name", "case: case", "preds/{case}", "preds/{Nummer}")
    assert "known fields: case, cohort, Sex, sex" in said
