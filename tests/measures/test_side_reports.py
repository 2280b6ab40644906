"""A report beside labels is a side file: of absurd size it is refused, and not read to its end."""

from __future__ import annotations

import nibabel as nib
import numpy as np

from calling import call_vesalius


def test_a_report_without_end_costs_its_case_and_no_time(tmp_path):
    array = np.zeros((6, 5, 4), np.uint8)
    array[1:3, 1:3, 1:3] = 1
    path = tmp_path / "seg.nii.gz"
    nib.save(nib.Nifti1Image(array, np.eye(4)), path)
    done = call_vesalius(
        "run", "-p", f"amos22={path}", "-t", "amos22", "--rules", "none", "-o", "out", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    # Sparse: it takes no room on the disk, and would take an hour to be read.
    with open(tmp_path / "out" / "report.json", "wb") as file:
        file.truncate(1 << 40)
    done = call_vesalius("compare", path, "out/labels.nii.gz", "-s", "amos22", cwd=tmp_path)
    assert done.returncode == 4
    assert "larger than 512 MB" in done.stderr
