"""A small cohort of drawn organs, run: good, with a finding, failing, hostile.

Tests of pages, of the viewer and of both in a browser look at it.
"""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

from calling import call_vesalius

HOSTILE = "<script>alert(1)<b>"
RULES = """\
schema: rules/1
pack: small
about: Pieces, and what must be there.
phases: [all]
rules:
  - id: all/one-liver
    summary: A small piece of liver becomes what is around it.
    why: A test.
    for: liver
    expect: {components: {at_most: 1}, only: {share_of_largest: {at_most: 0.25}}}
    repair: {keep: largest, rest: surrounding}
    severity: warning
  - id: all/one-spleen
    summary: A spleen has one piece.
    why: A test.
    for: spleen
    expect: {components: {at_most: 1}}
    severity: error
  - id: all/one-aorta
    summary: An aorta has one piece.
    why: A test.
    for: aorta
    expect: {components: {at_most: 1}}
    severity: error
  - id: all/women
    summary: What is only said of women.
    why: A test.
    for: spleen
    when: {case: {sex: female}}
    expect: absent
"""
COHORT = """\
schema: cohort/1
cohort: small
image: images/{case}.nii.gz
predictions: {amos22: "preds/{case}.nii.gz"}
target: amos22
rules: rules.yaml
cases: {from: image}
select: [{exclude: [unwanted]}]
"""
SPLEEN, LIVER = 1, 6


def organs() -> np.ndarray:
    """A liver, a small piece of it inside a spleen, in an array whose axes are (S, L, P)."""
    array = np.zeros((7, 12, 10), np.uint8)
    array[1:6, 1:5, 2:8] = LIVER
    array[1:6, 7:11, 2:8] = SPLEEN
    array[3, 9, 5] = LIVER
    return array


def hounsfield() -> np.ndarray:
    """Air around soft tissue."""
    values = np.full((7, 12, 10), -1000, np.int16)
    values[1:6, 1:11, 1:9] = 40
    return values


#: Array axes run to the head, to the patient's left and to the back; 2 x 1 x 1 mm.
AFFINE = np.array([[0, -1.0, 0, 12], [0, 0, -1, 10], [2, 0, 0, 0], [0, 0, 0, 1]])


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(array, AFFINE)
    image.set_sform(AFFINE, code=1)
    image.set_qform(AFFINE, code=1)
    nib.save(image, path)


def run_cohort(root: Path) -> Path:
    """Write the files of the cohort into a folder and run it; the result lies in `out`."""
    good = organs()
    good[3, 9, 5] = SPLEEN
    two = organs()
    two[0, 11, 9] = SPLEEN
    for name, array in {"good": good, HOSTILE: organs(), "two": two, "unwanted": good}.items():
        save(root / "images" / f"{name}.nii.gz", hounsfield())
        save(root / "preds" / f"{name}.nii.gz", array)
    save(root / "images/broken.nii.gz", hounsfield())
    (root / "preds/broken.nii.gz").write_bytes(b"no file of voxels")
    (root / "rules.yaml").write_text(RULES)
    (root / "cohort.yaml").write_text(COHORT)
    ended = call_vesalius("run", "cohort.yaml", "-o", "out", cwd=root)
    assert (root / "out/cohort.json").is_file(), ended.stderr
    return root
