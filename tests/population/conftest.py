"""Made patients, and a small cohort that was run and has a table of cases."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from vesalius.adapters.population.people import People, Person

SPLEEN, LIVER = 1, 6
RULES = """\
schema: rules/1
pack: small
about: Pieces.
phases: [all]
rules:
  - id: all/one-spleen
    summary: A spleen has one piece.
    why: A test.
    for: spleen
    expect: {components: {at_most: 1}}
    severity: warning
"""
COHORT = """\
schema: cohort/1
cohort: small
predictions: {amos22: "preds/{case}.nii.gz"}
target: amos22
rules: rules.yaml
metadata: {table: cases.csv, sex: sex, values: {sex: {m: male, f: female, "": unknown}}}
cases: {from: metadata}
select: [{exclude: [unwanted]}]
"""
TABLE = """\
case,sex,age,diagnosis,site
a,m,40,lymphoma,north
b,f,061Y,melanoma,north
<i>c,f,old,melanoma,south
d,,,melanoma,south
broken,m,50,lymphoma,south
unwanted,f,30,lymphoma,south
"""


def save(path: Path, array: np.ndarray, affine: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(array, affine)
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    nib.save(image, path)


def organs(spleen: int) -> np.ndarray:
    """A liver and a spleen of so many layers; a second piece of spleen for one layer."""
    array = np.zeros((10, 9, 8), np.uint8)
    array[1:5, 1:8, 1:7] = LIVER
    array[6:9, 1:8, 1 : 1 + spleen] = SPLEEN
    if spleen == 1:
        array[7, 4, 5] = SPLEEN
    return array


@pytest.fixture(scope="session")
def ran(tmp_path_factory) -> Path:
    """A folder with a cohort, its lesions, and what a run wrote in `out`."""
    root = tmp_path_factory.mktemp("population")
    affine = np.diag([2.0, 2, 2, 1])
    for n, name in enumerate(("a", "b", "<i>c", "d", "unwanted")):
        save(root / f"preds/{name}.nii.gz", organs(n + 1), affine)
        lesions = np.zeros((20, 18, 16), np.uint8)
        if name in ("a", "b"):
            lesions[4:8, 4:8, 4:8] = 1  # inside the liver, on a grid of half the spacing
        # The centre of the first fine voxel lies half of one off that of the first coarse one.
        fine = np.diag([1.0, 1, 1, 1])
        fine[:3, 3] = -0.5
        if name != "d":
            save(root / f"lesions/{name}.nii.gz", lesions, fine)
    (root / "preds/broken.nii.gz").write_bytes(b"no file of voxels")
    (root / "rules.yaml").write_text(RULES)
    (root / "cohort.yaml").write_text(COHORT)
    (root / "cases.csv").write_text(TABLE)
    ended = call_vesalius("run", "cohort.yaml", "-o", "out", cwd=root)
    assert (root / "out/cohort.json").is_file(), ended.stderr
    return root


@pytest.fixture
def people():
    """Make people of plain rows."""

    def make(*rows: dict) -> People:
        persons = []
        for row in rows:
            known = {k: v for k, v in row.items() if k in ("diagnosis", "dataset", "site")}
            rest = {k: v for k, v in row.items() if k not in known}
            persons.append(Person(status="written", known=known, **rest))
        return People("made", "amos22", tuple(persons), frozenset(), {"sources": []})

    return make
