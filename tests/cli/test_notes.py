"""What compiling remarks: short in a run, whole in `compile` and in the report."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from calling import call_vesalius
from vesalius.adapters.cli.plan_notes import (
    compile_command,
    show_plan_notes,
    show_plan_warnings,
)
from vesalius.ontology.reading.diagnostics import Diagnostic, Span

CMP002 = "info[CMP002] "
IDLE = Path(__file__).parent / "packs" / "idle.yaml"
"""Rules of one's own; all but one cannot act on AMOS."""


@pytest.fixture
def ran(vesalius, case, tmp_path):
    done = vesalius(
        "run", "-p", f"amos22={case}", "-o", tmp_path / "out", "--rules", IDLE,
        "--fail-on", "never",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done, json.loads((tmp_path / "out/report.json").read_text())


def kinds(report) -> dict[str, int]:
    codes = [remark["code"] for remark in report["remarks"]]
    return {code: codes.count(code) for code in codes}


def test_a_run_says_notes_of_a_kind_in_one_line(ran):
    done, report = ran
    number = kinds(report)["RUL022"]
    assert number > 1
    assert done.stderr == (
        f"info[RUL022] {number} notes about the plan; `vesalius compile -s amos22 -t dap_atlas "
        f"--rules {IDLE}` shows them\n"
    )


def test_the_command_that_is_named_shows_them_all(ran, vesalius):
    done, report = ran
    command = done.stderr.split("`")[1]
    program, *arguments = shlex.split(command)
    assert program == "vesalius"
    whole = vesalius(*arguments)
    assert whole.returncode == 0
    assert whole.stderr.count("info[RUL022]: ") == kinds(report)["RUL022"]
    assert "idle.yaml:" in whole.stderr
    assert whole.stderr.endswith(f"plan sha256 {report['plan']}\n")


def test_selected_rules_compile_to_the_same_plan(vesalius, case, tmp_path):
    done = vesalius(
        "run", "-p", f"amos22={case}", "-o", tmp_path / "out", "--rules", IDLE,
        "--select", "limbs/*",
    )  # fmt: skip
    arguments = shlex.split(done.stderr.split("`")[1])[1:]
    whole = vesalius(*arguments)
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert whole.stderr.count("info[RUL022]: ") == kinds(report)["RUL022"]
    assert whole.stderr.endswith(f"plan sha256 {report['plan']}\n")


def test_classes_without_a_place_are_said_for_each_source(vesalius, small, tmp_path):
    done = vesalius(
        "run", "--rules", "none", "-p", f"amos22={small}", "-p", f"amos22={small}",
        "-t", "segthor", "-o", tmp_path / "out",
    )  # fmt: skip
    lines = [line for line in done.stderr.splitlines() if line.startswith(CMP002)]
    assert len(lines) == 1
    assert lines[0].startswith(f"{CMP002}13 of 15 classes of `amos22` have no place in `segthor`: ")
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert kinds(report)["CMP002"] == 2


def test_lint_says_them_in_one_line_too(vesalius, case):
    done = vesalius("lint", case, "--scheme", "amos22", "--rules", IDLE)
    (line,) = done.stderr.splitlines()
    assert line.startswith("info[RUL022] 3 notes")
    assert f"-s amos22 -t amos22 --rules {IDLE}`" in line


def test_of_shipped_rules_they_are_said_by_compile_alone(vesalius, case):
    done = vesalius("lint", case, "--scheme", "amos22", "--select", "parts/*")
    assert done.stderr == ""
    whole = vesalius(
        "compile", "-s", "amos22", "-t", "amos22", "--rules", "recommended", "--select", "parts/*"
    )
    assert "info[RUL022]: `parts/" in whole.stderr


def test_a_cohort_too(vesalius, case, tmp_path):
    cohort = tmp_path / "cohort.yaml"
    cohort.write_text(
        "schema: cohort/1\ncohort: two\ncases: [seg]\npredictions:\n  amos22: '{case}.nii.gz'\n"
        f"rules: {IDLE}\n"
    )
    done = vesalius("run", cohort, "-o", tmp_path / "out", "--fail-on", "never")
    assert done.returncode == 0, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("info[RUL022] ")


@pytest.mark.parametrize(
    "words",
    [
        ("run", "-p", "amos22=seg.nii.gz", "--rules", IDLE, "-o", "out"),
        ("run", "-p", "amos22=seg.nii.gz", "--rules", IDLE, "--diff"),
        ("run", "cohort.yaml", "-o", "out"),
        ("run", "cohort.yaml", "-o", "out", "--dry-run"),
        ("lint", "seg.nii.gz", "--scheme", "amos22", "--rules", IDLE),
        ("convert", "seg.nii.gz", "--from", "amos22", "--to", "segthor", "-o", "other.nii.gz"),
    ],
)
def test_they_are_said_last(words, case, tmp_path):
    (tmp_path / "cohort.yaml").write_text(
        "schema: cohort/1\ncohort: one\ncases: [seg]\npredictions:\n  amos22: '{case}.nii.gz'\n"
        f"rules: {IDLE}\n"
    )
    said = call_vesalius(*words, cwd=tmp_path, one_stream=True).stdout
    *others, last = said.splitlines()
    assert last.startswith("info[")
    assert others
    assert not [line for line in others if line.startswith("info[")]


def test_they_are_said_last_at_a_terminal(case):
    """Both streams in the order of their lines, however each is buffered."""
    script = Path(sys.executable).parent / "vesalius"
    done = subprocess.run(
        [str(script), "lint", case, "--scheme", "amos22", "--rules", IDLE], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, env={**os.environ, "NO_COLOR": "1"}, check=False,
    )  # fmt: skip
    *others, last = done.stdout.splitlines()
    assert last.startswith("info[")
    assert others
    assert not [line for line in others if line.startswith("info[")]


def test_warnings_stay_whole_and_a_lone_note_says_itself(capsys):
    span = Span("pack.yaml", 3, 5, 9)
    found = [
        Diagnostic("CMP001", "warning", "nothing fits", path="a.yaml", help="choose"),
        Diagnostic("RUL022", "info", "`a/b` cannot act here: why", span=span),
    ]
    show_plan_warnings(found)
    assert capsys.readouterr().err == (
        "warning[CMP001]: nothing fits\n  --> a.yaml\n   = help: choose\n"
    )
    show_plan_notes(found, "vesalius compile")
    assert capsys.readouterr().err == "info[RUL022] `a/b` cannot act here: why\n"


def test_nothing_to_say(capsys):
    show_plan_warnings([])
    show_plan_notes([], "vesalius compile")
    assert capsys.readouterr().err == ""


def test_the_command_is_one_that_a_shell_understands():
    command = compile_command(["my scheme.yaml", "b", "b"], "dap_atlas", ["none's", "own"], ["a/*"])
    assert shlex.split(command)[1:] == [
        "compile", "-s", "b", "-s", "my scheme.yaml", "-t", "dap_atlas",
        "--rules", "none's", "--rules", "own", "--select", "a/*",
    ]  # fmt: skip
    assert compile_command(list("abcde"), "t", []) == "vesalius compile -s ... -t t"
