"""Pages drawn by several processes."""

from __future__ import annotations

import json

from calling import call_vesalius


def files(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_pages_are_equal_to_the_byte(ran, tmp_path):
    for workers in ("1", "2"):
        done = call_vesalius(
            "report", str(ran / "out"), "-o", str(tmp_path / workers), "--workers", workers
        )
        assert done.returncode == 0, done.stderr
    ours = files(tmp_path / "1")
    assert len(ours) == 4
    assert files(tmp_path / "2") == ours


def test_a_case_that_cannot_be_read_is_told_of_alike(copied, tmp_path):
    (case, *_) = (
        row for row in json.loads((copied / "out/cohort.json").read_text())["cases"]
        if "labels" in row
    )  # fmt: skip
    (copied / "out" / case["labels"]).write_bytes(b"no volume")
    told = []
    for workers in ("1", "2"):
        done = call_vesalius(
            "report", str(copied / "out"), "-o", str(tmp_path / workers), "--workers", workers
        )
        assert done.returncode == 4
        told.append(done.stderr)
    assert case["labels"] in told[0]
    assert told[0] == told[1]
    assert files(tmp_path / "1") == files(tmp_path / "2")
    assert len(files(tmp_path / "1")) == 3
