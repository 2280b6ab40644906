"""Each kind of bad input that verbs of several label sets may meet: one message, others go on."""

from __future__ import annotations

import numpy as np
import pytest

MOVED = np.eye(4)
MOVED[0, 3] = 40


def words(verb, one, other):
    if verb == "validate":
        return (verb, "--pred", one, "--truth", other, "--scheme-pred", "amos22",
                "--scheme-truth", "amos22")  # fmt: skip
    if verb == "compare":
        return verb, one, other, "-s", "amos22"
    return verb, "-p", f"amos22={one}", "-p", f"amos22={other}", "--rules", "none"


def moved(save, organs, where):
    save(f"{where}/a.nii.gz", organs, MOVED)
    return "and lies elsewhere"


def other_shape(save, organs, where):
    save(f"{where}/a.nii.gz", organs[:-1])
    return "lies on another grid than"


def no_file_of_voxels(save, organs, where):
    save(f"{where}/a.nii.gz", organs).write_bytes(b"no")
    return "this is a text file"


def of_no_byte(save, organs, where):
    save(f"{where}/a.nii.gz", organs).write_bytes(b"")
    return "the file is empty"


def not_there(save, organs, where):
    return "a"


@pytest.mark.parametrize("verb", ["validate", "compare", "concordance"])
@pytest.mark.parametrize("make", [moved, other_shape, no_file_of_voxels, of_no_byte, not_there])
def test_a_bad_case_is_told_and_the_other_one_is_measured(verb, make, save, organs, command):
    for folder in ("one", "other"):
        save(f"{folder}/b.nii.gz", organs)
    folder = save("other/a.nii.gz", organs).parent.parent
    said = make(save, organs, "one")
    code, out, err = command(*words(verb, folder / "one", folder / "other"), "--format", "csv")
    assert code == 4
    assert said in err
    assert "case `a`" in err
    assert "--trust-image-geometry" not in err.split("lies elsewhere")[0]
    assert "\nb," in out
    assert "\na," not in out


@pytest.mark.parametrize("verb", ["validate", "compare", "concordance"])
def test_where_no_case_is_measured_nothing_else_is_said(verb, save, organs, command):
    bad = save("one/a.nii.gz", organs)
    bad.write_bytes(b"")
    folder = save("other/a.nii.gz", organs).parent.parent
    code, out, err = command(*words(verb, folder / "one", folder / "other"))
    assert (code, out) == (4, "")
    assert "no case was measured" in err
