"""The notebook of docs/, run as it is written."""

from __future__ import annotations

import ast
import os
import runpy
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])
LIVER, SPLEEN = 5, 1
"""Integers of TotalSegmentator v2, from its public label list."""


def small() -> np.ndarray:
    """A liver, a spleen to its left, and a piece of liver inside the spleen."""
    labels = np.zeros((60, 50, 40), np.uint8)
    labels[40:58, 8:34, 8:32] = LIVER
    labels[6:18, 8:22, 8:22] = SPLEEN
    labels[7:9, 14:16, 14:16] = LIVER
    return labels


def run(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.chdir(folder)
    return runpy.run_path(str(root / "docs/notebook.py"))


def test_it_has_five_statements(root):
    statements = ast.parse((root / "docs/notebook.py").read_text()).body
    assert sum(not isinstance(s, ast.Import | ast.ImportFrom) for s in statements) == 5


def test_on_a_small_file(root, tmp_path, monkeypatch):
    labels = small()
    nib.save(nib.Nifti1Image(labels, AFFINE), tmp_path / "segmentations.nii.gz")
    names = run(root, tmp_path, monkeypatch)
    assert ("pieces/small", "liver", 8) in {
        (row["rule"], row["structures"], row["voxels"]) for row in names["rows"]
    }
    expected = labels.copy()
    expected[7:9, 14:16, 14:16] = SPLEEN
    assert np.array_equal(names["labels"], expected)


@pytest.mark.real
def test_on_a_real_file(root, tmp_path, monkeypatch):
    data = Path(os.environ.get("VESALIUS_DATA", root / "../shared/data"))
    if not data.is_dir():
        pytest.skip("VESALIUS_DATA is absent")
    file = data / "ts_example_ct_3mm/seg_v2_fast_force_split.nii.gz"
    shutil.copy(file, tmp_path / "segmentations.nii.gz")
    names = run(root, tmp_path, monkeypatch)
    before = np.asarray(nib.load(file).dataobj)
    changes = names["repaired"].changes
    assert np.count_nonzero(names["labels"] != before) == names["repaired"].changed_voxels
    assert bool(changes) == bool(names["repaired"].changed_voxels)
    assert len(names["rows"]) == len(names["found"].findings) > 0
