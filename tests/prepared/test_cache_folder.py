"""The folder of kept plans: bounded, safe to share, and never in the way."""

from __future__ import annotations

import os
import threading

import pytest

from vesalius.adapters.keeping import cache_folder as module
from vesalius.adapters.keeping.cache_folder import CacheFolder, cache_folder


@pytest.fixture
def folder(tmp_path):
    return CacheFolder(tmp_path / "a" / "cache")


def test_what_was_written_is_read(folder):
    assert folder.read("k") is None
    assert folder.write("k", "ä\n\n1")
    assert folder.read("k") == "ä\n\n1"
    assert folder.write("k", "two")
    assert folder.read("k") == "two"
    assert [path.name for path in folder.path.iterdir()] == ["k.plan"]


@pytest.mark.parametrize("change", [b"", b"x", b"\n", None])
def test_a_damaged_file_is_none_and_goes(folder, change):
    folder.write("k", "text")
    place = folder.path / "k.plan"
    content = place.read_bytes()
    place.write_bytes(content[:-1] if change is None else change)
    assert folder.read("k") is None
    assert not place.exists()


def test_a_place_that_takes_nothing_is_no_trouble(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for folder in (CacheFolder(file), CacheFolder(file / "below")):
        assert not folder.write("k", "text")
        assert folder.read("k") is None
        assert folder.entries() == []
        assert folder.empty() == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_read_only_folder_is_read(folder):
    folder.write("k", "text")
    folder.path.chmod(0o500)
    try:
        assert folder.read("k") == "text"
        assert not folder.write("l", "text")
    finally:
        folder.path.chmod(0o700)


def test_a_full_disk_leaves_nothing_behind(folder, monkeypatch):
    folder.write("k", "text")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "replace", full)
    assert not folder.write("k", "other")
    assert folder.read("k") == "text"
    assert [path.name for path in folder.path.iterdir()] == ["k.plan"]


def test_the_oldest_go_where_there_are_too_many(folder, monkeypatch):
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    for number in range(5):
        folder.write(f"k{number}", "text")
        for age, path in enumerate(folder.entries()):  # clocks of files are coarse
            os.utime(path, (1000 - age, 1000 - age))
        folder.read("k0")
    assert sorted(path.stem for path in folder.entries()) == ["k0", "k3", "k4"]


def test_the_oldest_go_where_they_are_too_large(folder, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 300)
    for number in range(4):
        folder.write(f"k{number}", "x" * 60)
        for age, path in enumerate(folder.entries()):
            os.utime(path, (1000 - age, 1000 - age))
    assert len(folder.entries()) == 2
    assert not folder.write("huge", "x" * 301)


def test_emptying_takes_ours_and_leaves_others(folder):
    folder.write("k", "text")
    (folder.path / "tmp1.part").write_text("a killed writer's")
    (folder.path / "note.txt").write_text("somebody's")
    assert folder.empty() == 2
    assert [path.name for path in folder.path.iterdir()] == ["note.txt"]


def test_writers_at_the_same_time_give_one_whole_file(folder):
    texts = [str(number) * 50_000 for number in range(4)]
    seen = set()

    def work(text):
        for _ in range(20):
            assert folder.write("k", text)
            seen.add(folder.read("k"))

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen <= {*texts}
    assert [path.name for path in folder.path.iterdir()] == ["k.plan"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"VESALIUS_CACHE": "off"}, None),
        ({"VESALIUS_CACHE": "/c", "XDG_CACHE_HOME": "/x"}, "/c"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/vesalius"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/vesalius"),
        ({"HOME": "/h"}, "/h/.cache/vesalius"),
    ],
)
def test_where_it_is(monkeypatch, variables, expected):
    for name in ("VESALIUS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = cache_folder()
    assert (None if found is None else found.path.as_posix()) == expected
