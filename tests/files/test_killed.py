"""Killed at every call into the system: a group of files is all old or all new."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vesalius.adapters.files.claims import sweep

pytest.importorskip("fcntl")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")

from files.killing import Killer, fail_to_write, sweep_all, write_each, write_new  # noqa: E402

OLD = {"a": "old a", "b": "old b", "stale": "old stale"}
NEW = {"a": "new a", "b": "new b", "c": "new c"}


@pytest.fixture(scope="module")
def killed_at():
    """Do work in another process, killed just before or after a call; tell whether it was."""
    with Killer() as killer:
        yield killer.kills


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


@pytest.mark.parametrize(
    ("places", "first"),
    [("one folder", 0), ("two folders", 0), ("two folders", 1)],
    indirect=["places"],
)
@pytest.mark.parametrize("before", [True, False])
def test_all_or_none(killed_at, places, before, first):
    """Whichever folder is looked into first by the next command."""
    ends, number = [], 0
    while True:
        number += 1
        begin(*places)
        was_killed = killed_at(number, before, write_new, *places)
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


def test_killed_again_while_it_goes_on(killed_at, places):
    """The sweep may be killed at every call too."""
    begin(*places)
    number = 1
    while True:
        begin(*places)
        killed_at(number, True, write_new, *places)
        if {"a", "b", "c"} & {n for n, text in found(*set(places)).items() if text == NEW.get(n)}:
            break
        number += 1
    again = 0
    while True:
        again += 1
        begin(*places)
        assert killed_at(number, True, write_new, *places)
        was_killed = killed_at(again, True, sweep_all, *places)
        for place in places:
            sweep(place)
        assert found(*set(places)) == NEW, again
        if not was_killed:
            break
    assert again > 10


@pytest.mark.parametrize("before", [True, False])
def test_killed_while_it_goes_back(killed_at, places, before):
    number = 0
    while True:
        number += 1
        begin(*places)
        was_killed = killed_at(number, before, fail_to_write, *places)
        for place in places:
            sweep(place)
        assert found(*set(places)) in (OLD, NEW), number
        if not was_killed:
            break
    assert found(*set(places)) == OLD


def test_names_that_are_no_text(killed_at, tmp_path):
    names = ["a\nb", "a\tb", os.fsdecode(b"\xff")]
    number, kept = 0, set()
    while True:
        number += 1
        for name in names:
            (tmp_path / name).write_text("old")
        was_killed = killed_at(number, True, write_each, tmp_path, *names)
        sweep(tmp_path)
        now = found(tmp_path)
        assert sorted(now) == sorted(names)
        assert len(set(now.values())) == 1
        kept |= set(now.values())
        if not was_killed:
            break
    assert kept == {"old", "new"}
