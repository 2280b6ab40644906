"""Outputs appear whole, all together, or not at all, and never on top of an input."""

import errno
import json
import os
import stat
import subprocess

import numpy as np
import pytest

from vesalius.adapters.files.atomic import Outputs, check_output, write_json, write_text
from vesalius.adapters.files.nifti_write import add_labels, write_labels
from vesalius.engine.runs.grid import Grid


class Stop(Exception):
    pass


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip("mounting needs more rights")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_all_files_appear_at_the_end(tmp_path):
    with Outputs(folder=tmp_path / "a" / "b") as outputs:
        outputs.write_text(tmp_path / "a/b/x.txt", "é\n")
        outputs.write_json(tmp_path / "a/b/y.json", {"b": [1], "a": "é"})
        names = os.listdir(tmp_path / "a/b")
        assert [name for name in names if not name.startswith(".vesalius-")] == []
    assert sorted(os.listdir(tmp_path / "a/b")) == ["x.txt", "y.json"]
    assert (tmp_path / "a/b/x.txt").read_bytes() == b"\xc3\xa9\n"
    text = (tmp_path / "a/b/y.json").read_text(encoding="utf-8")
    assert text == '{\n  "b": [\n    1\n  ],\n  "a": "é"\n}\n'
    assert json.loads(text) == {"b": [1], "a": "é"}


def test_nothing_is_left_when_the_work_fails(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x.txt").write_text("old")

    def work():
        with Outputs(folder=tmp_path / "out/new/deep") as outputs:
            outputs.write_text(tmp_path / "out/x.txt", "new")
            outputs.write_text(tmp_path / "out/new/deep/y.txt", "new")
            raise Stop

    with pytest.raises(Stop):
        work()
    assert os.listdir(tmp_path / "out") == ["x.txt"]
    assert (tmp_path / "out/x.txt").read_text() == "old"


def test_nothing_is_left_when_one_file_fails_halfway(tmp_path):
    def work():
        with Outputs() as outputs, outputs.create(tmp_path / "x") as file:
            file.write(b"half")
            raise Stop

    with pytest.raises(Stop):
        work()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_rename_that_fails_puts_the_old_files_back(
    tmp_path, monkeypatch, codes, *, links, failing
):
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"old {name}")
    honest, calls = os.replace, []

    def replace(source, place):
        if str(source).endswith(".part"):
            calls.append(place)
            if len(calls) == failing:
                raise OSError(errno.EIO, "no")
        honest(source, place)

    def no_links(*_):
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(os, "replace", replace)
    if not links:
        monkeypatch.setattr(os, "link", no_links)

    def work():
        with Outputs() as outputs:
            for name in ("a", "b", "c"):
                outputs.write_text(tmp_path / name, f"new {name}")

    assert codes(work) == ["IO050"]
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"a": "old a", "b": "old b"}
    monkeypatch.undo()
    work()
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {
        name: f"new {name}" for name in "abc"
    }


def test_disk_full_leaves_nothing(small_disk, codes):
    (small_disk / "seg.nii.gz").write_bytes(b"old")
    labels = np.random.default_rng(0).integers(0, 255, (100, 100, 100)).astype(np.uint8)
    grid = Grid(labels.shape, np.eye(4))
    assert codes(write_labels, small_disk / "seg.nii.gz", labels, grid) == ["IO051"]
    assert codes(write_labels, small_disk / "other.nii", labels, grid) == ["IO051"]
    assert os.listdir(small_disk) == ["seg.nii.gz"]
    assert (small_disk / "seg.nii.gz").read_bytes() == b"old"


def test_disk_full_at_the_second_file_takes_the_first_away(small_disk, codes):
    labels = np.random.default_rng(0).integers(0, 255, (100, 100, 100)).astype(np.uint8)

    def work():
        with Outputs(folder=small_disk / "out") as outputs:
            outputs.write_text(small_disk / "out/report.json", "{}")
            add_labels(
                outputs, small_disk / "out/labels.nii.gz", labels, Grid(labels.shape, np.eye(4))
            )

    assert codes(work) == ["IO051"]
    assert os.listdir(small_disk) == []


def test_outputs_that_are_inputs(tmp_path, codes):
    (tmp_path / "seg").write_text("precious")
    (tmp_path / "soft").symlink_to("seg")
    os.link(tmp_path / "seg", tmp_path / "hard")
    (tmp_path / "there").symlink_to(tmp_path)
    for given in ("seg", "soft", "hard"):
        for name in ("seg", "soft", "hard", "there/seg", "./seg"):
            found = codes(write_text, tmp_path / name, "x", inputs=[tmp_path / given])
            assert found == ["IO052"], (given, name)
    assert (tmp_path / "seg").read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["hard", "seg", "soft", "there"]
    assert check_output(tmp_path / "other", [tmp_path / "seg"]) == []


def test_outputs_inside_an_input_folder(tmp_path, codes):
    (tmp_path / "masks/deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to("masks")
    for name in ("masks/x", "masks/deep/x", "link/x"):
        assert codes(write_text, tmp_path / name, "x", inputs=[tmp_path / "masks"]) == ["IO052"]
    write_text(tmp_path / "x", "x", inputs=[tmp_path / "masks"])
    assert (tmp_path / "x").read_text() == "x"


def test_a_link_stays_and_the_file_behind_it_is_written(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store/real").write_text("old")
    (tmp_path / "link").symlink_to("store/real")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "store/real").read_text() == "new"
    assert os.listdir(tmp_path / "store") == ["real"]


def test_permissions_follow_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        write_text(tmp_path / "x", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(tmp_path / "x").st_mode) == 0o640


def test_a_file_in_the_way_of_the_folder(tmp_path, codes):
    (tmp_path / "out").touch()

    def work(folder):
        with Outputs(folder=folder):
            pass

    assert codes(work, tmp_path / "out") == ["IO050"]
    assert codes(work, tmp_path / "out/deeper") == ["IO050"]


def test_json_says_paths_that_are_no_text(tmp_path):
    name = os.fsdecode(b"s\xffg \xc3\xbc")
    write_json(tmp_path / "a.json", {"path": name})
    data = (tmp_path / "a.json").read_bytes()
    assert json.loads(data) == {"path": name}
    assert "ü" in data.decode("utf-8")


def test_not_a_number_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", [float("nan")])
    assert os.listdir(tmp_path) == []


def test_what_is_written_can_be_read_before_all_is_finished(tmp_path):
    with Outputs(tmp_path) as outputs:
        outputs.write_text(tmp_path / "a", "one")
        assert outputs.unfinished(tmp_path / "a").read_text() == "one"
        assert not (tmp_path / "a").exists()
        with pytest.raises(KeyError):
            outputs.unfinished(tmp_path / "b")
