"""The installed command says, writes and ends with the same as a call in this process."""

from __future__ import annotations

import hashlib

import pytest

WRITTEN = {"labels.ctbl", "labels.nii.gz", "labels.txt", "report.json"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("lint", "seg.nii.gz", "--scheme", "amos22", "--format", "json"), 1),
        (("run", "-p", "amos22=seg.nii.gz", "-o", "out"), 1),
        (("explain", "nowhere"), 2),
        (("run", "-p", "amos22=none.nii.gz", "-o", "out"), 3),
    ],
)
def test_both_say_the_same(vesalius, installed, case, tmp_path, words, code):
    found = []
    for way in (installed, vesalius):
        done = way(*words, cwd=tmp_path)
        files = sorted((tmp_path / "out").glob("*"))
        bytes_of = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        found.append((done.returncode, done.stdout, done.stderr, bytes_of))
        for path in files:
            path.unlink()
    one, other = found
    assert one == other
    assert one[0] == code
    assert set(one[3]) == (WRITTEN if words[0] == "run" and code == 1 else set())
