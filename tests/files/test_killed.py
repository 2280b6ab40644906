"""Killed at every call into the system: a group of files is all old or all new."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.claims import sweep

fcntl = pytest.importorskip("fcntl")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")

CALLS = (
    "open", "write", "fsync", "close", "link", "replace", "rename", "unlink", "mkdir", "rmdir",
    "listdir", "stat", "fstat", "lstat", "read",
)  # fmt: skip
OLD = {"a": "old a", "b": "old b", "stale": "old stale"}
NEW = {"a": "new a", "b": "new b", "c": "new c"}


def write_new(place: Path, other: Path) -> None:
    with Outputs(place) as outputs:
        for name in "abc":
            outputs.write_text((other if name == "b" else place) / name, f"new {name}")
        outputs.remove(place / "stale")


def fail_to_write(place: Path, other: Path) -> None:
    """Stop at the last step, so that all that was done before is taken back."""
    honest = os.unlink

    def unlink(path, **options):
        if Path(path).name == "stale":
            raise OSError("no")
        honest(path, **options)

    os.unlink = unlink
    write_new(place, other)


def killed_at(number: int, before: bool, work) -> bool:
    """Do work in another process, killed just before or after a call; tell whether it was."""
    child = os.fork()
    if not child:
        try:
            _count_calls(number, before)
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _count_calls(number: int, before: bool) -> None:
    seen = 0

    def wrapped(honest):
        def call(*arguments, **options):
            nonlocal seen
            seen += 1
            if seen == number and before:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return honest(*arguments, **options)
            finally:
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        return call

    for name in CALLS:
        setattr(os, name, wrapped(getattr(os, name)))
    fcntl.flock = wrapped(fcntl.flock)


def found(*folders: Path) -> dict[str, str]:
    return {path.name: path.read_text() for folder in folders for path in folder.iterdir()}


@pytest.fixture(params=["one folder", "two folders"])
def places(tmp_path, request):
    return tmp_path / "out", tmp_path / ("out" if request.param == "one folder" else "other")


def begin(place: Path, other: Path) -> None:
    for folder in (place, other):
        folder.mkdir(exist_ok=True)
    for path in (*place.iterdir(), *other.iterdir()):
        path.unlink(missing_ok=True)
    for name, text in OLD.items():
        ((other if name == "b" else place) / name).write_text(text)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("before", [True, False])
def test_all_or_none(places, before, first):
    """Whichever folder is looked into first by the next command."""
    ends, number = [], 0
    while True:
        number += 1
        begin(*places)
        was_killed = killed_at(number, before, lambda: write_new(*places))
        for folder in (places[first], places[1 - first]):
            sweep(folder)
        now = found(*set(places))
        assert now in (OLD, NEW), number
        ends.append(now == NEW)
        if not was_killed:
            break
    # Old up to one moment, and new from then on.
    assert ends == sorted(ends)
    assert not ends[0]
    assert ends[-2]
    assert len(ends) > 40


def test_killed_again_while_it_goes_on(places):
    """The sweep may be killed at every call too."""
    begin(*places)
    number = 1
    while True:
        begin(*places)
        killed_at(number, True, lambda: write_new(*places))
        if {"a", "b", "c"} & {n for n, text in found(*set(places)).items() if text == NEW.get(n)}:
            break
        number += 1
    again = 0
    while True:
        again += 1
        begin(*places)
        assert killed_at(number, True, lambda: write_new(*places))
        was_killed = killed_at(again, True, lambda: [sweep(place) for place in places])
        for place in places:
            sweep(place)
        assert found(*set(places)) == NEW, again
        if not was_killed:
            break
    assert again > 10


@pytest.mark.parametrize("before", [True, False])
def test_killed_while_it_goes_back(places, before):
    number = 0
    while True:
        number += 1
        begin(*places)
        was_killed = killed_at(number, before, lambda: fail_to_write(*places))
        for place in places:
            sweep(place)
        assert found(*set(places)) in (OLD, NEW), number
        if not was_killed:
            break
    assert found(*set(places)) == OLD


def test_names_that_are_no_text(tmp_path):
    names = ["a\nb", "a\tb", os.fsdecode(b"\xff")]
    number, kept = 0, set()
    while True:
        number += 1
        for name in names:
            (tmp_path / name).write_text("old")

        def write():
            with Outputs(tmp_path) as outputs:
                for name in names:
                    outputs.write_text(tmp_path / name, "new")

        was_killed = killed_at(number, True, write)
        sweep(tmp_path)
        now = found(tmp_path)
        assert sorted(now) == sorted(names)
        assert len(set(now.values())) == 1
        kept |= set(now.values())
        if not was_killed:
            break
    assert kept == {"old", "new"}
