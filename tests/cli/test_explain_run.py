"""`vesalius explain OUT`: where the sources of a run disagree."""

from __future__ import annotations

import re

import numpy as np

LIVER_AMOS, SPLEEN_BTCV = 6, 1


def test_a_voxel_of_each_conflict(vesalius, save):
    liver, spleen = np.zeros((2, 12, 10, 9), np.uint8)
    liver[1:6, 2:5, 3:6] = LIVER_AMOS
    spleen[4:10, 2:5, 3:6] = SPLEEN_BTCV
    folder = save("liver.nii.gz", liver).parent
    save("spleen.nii.gz", spleen)
    given = ("-p", "amos22=liver.nii.gz", "-p", "btcv=spleen.nii.gz", "-t", "amos22")
    done = vesalius("run", *given, "--rules", "none", "-o", "out", cwd=folder)
    assert done.returncode == 0
    said = vesalius("explain", "out", cwd=folder).stdout
    assert said.startswith("verdict: keep\n")
    assert "\n1 pair of structures claimed the same voxels:\n" in said
    (found,) = re.findall(r"^ *(\d+)  (\w+) +(\w+) +(\d+),(\d+),(\d+)$", said, re.MULTILINE)
    voxels, winner, loser, *at = found
    assert int(voxels) == 2 * 3 * 3
    assert {winner, loser} == {"liver", "spleen"}
    i, j, k = map(int, at)
    assert liver[i, j, k]
    assert spleen[i, j, k]
    # The middle of what both claim, drawn above.
    assert (j, k) == (3, 4)
    story = vesalius("explain", "out", "--at", f"{i},{j},{k}", cwd=folder).stdout
    assert f"{winner}, over {loser}" in story


def test_a_source_that_is_gone_leaves_no_place(vesalius, save):
    both = np.zeros((2, 6, 6, 6), np.uint8)
    both[0, 1:4, 1:4, 1:4], both[1, 1:4, 1:4, 1:4] = LIVER_AMOS, SPLEEN_BTCV
    folder = save("liver.nii.gz", both[0]).parent
    save("spleen.nii.gz", both[1])
    given = ("-p", "amos22=liver.nii.gz", "-p", "btcv=spleen.nii.gz", "-t", "amos22")
    vesalius("run", *given, "--rules", "none", "-o", "out", cwd=folder)
    (folder / "spleen.nii.gz").unlink()
    done = vesalius("explain", "out", cwd=folder)
    assert done.returncode == 0
    assert re.search(r"^ *27  \w+ +\w+ +-$", done.stdout, re.MULTILINE)
    assert "--at I,J,K" in done.stdout


def test_agreement_is_said_by_silence(vesalius, save):
    liver = np.zeros((6, 6, 6), np.uint8)
    liver[1:4, 1:4, 1:4] = LIVER_AMOS
    folder = save("liver.nii.gz", liver).parent
    vesalius("run", "-p", "amos22=liver.nii.gz", "-t", "amos22", "-o", "out", cwd=folder)
    assert "claimed the same" not in vesalius("explain", "out", cwd=folder).stdout
