"""What the system refuses is told from what is a bug."""

from __future__ import annotations

import errno

import click
import pytest

from vesalius.adapters.cli.outcome import BUG, CASES_FAILED, guard
from vesalius.adapters.cohort.case_worker import broken
from vesalius.adapters.files.refusals import refusal

REFUSED = [
    (MemoryError(), "there is not enough memory"),
    (RuntimeError("can't start new thread"), "no more threads can be started here"),
    (OSError(errno.EMFILE, "no", "some/file"), "Too many open files: some/file"),
    (OSError(errno.ENOMEM, "no"), "Cannot allocate memory"),
    (OSError(errno.EROFS, "no", b"x"), "Read-only file system: x"),
]
BUGS = [KeyError("x"), RuntimeError("x"), FileNotFoundError(errno.ENOENT, "no", "x"), OSError("x")]


@pytest.mark.parametrize(("error", "said"), REFUSED)
def test_what_is_refused_is_said_and_no_bug(error, said, capsys):
    @click.command()
    def command() -> None:
        raise error

    assert refusal(error) == said
    assert guard(command, []) == CASES_FAILED
    assert capsys.readouterr().err == f"error: {said}\n"
    (problem,) = broken("a", error).problems
    assert problem.code == "COH020"


@pytest.mark.parametrize("error", BUGS)
def test_all_else_is_a_bug(error, capsys, tmp_path, monkeypatch):
    @click.command()
    def command() -> None:
        raise error

    # Where not even the details can be kept.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert refusal(error) is None
    assert guard(command, []) == BUG
    said = capsys.readouterr().err
    assert "this is a bug" in said
    assert "no file (No such file or directory)" in said
    assert [problem.code for problem in broken("a", error).problems] == ["COH021"]


def test_a_path_is_shown_in_part_only():
    said = refusal(OSError(errno.EMFILE, "no", "x" * 10_000))
    assert said is not None
    assert len(said) < 400
