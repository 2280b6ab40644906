"""A mistake on the right of a real case, which rules of the left, or of both as one, passed."""

from __future__ import annotations

import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import vesalius

pytestmark = pytest.mark.real
FILE = "totalseg_s0327/gt_v2.nii.gz"
SCHEME = "totalsegmentator_v2"


def exchanged(one: str, other: str, *whole: str):
    """Give each the name of the other; of what must be whole what the scan cuts is left out."""

    def plant(array, labels, affine):
        planted = array.copy()
        inner = np.pad(np.ones([n - 4 for n in array.shape], bool), 2)
        planted[array == labels[one]] = labels[other]
        planted[array == labels[other]] = labels[one]
        planted[~inner & np.isin(array, [labels[name] for name in whole])] = 0
        return planted

    return plant


def moved(name: str, *mm: float):
    """Move a structure; what it covers there is lost."""

    def plant(array, labels, affine):
        voxels = np.argwhere(array == labels[name])
        there = voxels + np.rint(np.linalg.solve(affine[:3, :3], mm)).astype(int)
        there = there[((there >= 0) & (there < array.shape)).all(axis=1)]
        planted = np.where(array == labels[name], 0, array).astype(array.dtype)
        planted[tuple(there.T)] = labels[name]
        return planted

    return plant


PLANTED = {
    "place/iliac-arteries": (moved("iliac_artery_right", 0, 0, 330), "iliac_artery_right"),
    "place/iliac-veins": (moved("iliac_vena_right", 0, 0, 250), "iliac_vena_right"),
    "place/gluteal-muscles": (moved("gluteus_maximus_right", 0, 120, 0), "gluteus_maximus_right"),
    "size/small-gluteal-order": (
        exchanged("gluteus_medius_right", "gluteus_minimus_right"),
        "gluteus_medius_right",
    ),
    "contact/femora": (exchanged("hip_left", "hip_right", "femur_right"), "femur_right"),
    "contact/humeri": (
        exchanged(
            "scapula_left", "scapula_right", "scapula_left", "scapula_right", "humerus_right"
        ),
        "humerus_right",
    ),
    "contact/adrenal-glands": (exchanged("kidney_left", "kidney_right"), "adrenal_gland_right"),
}


@pytest.fixture(scope="module")
def case():
    path = Path(os.environ.get("VESALIUS_DATA", "../shared/data")) / FILE
    if not path.is_file():
        pytest.skip("VESALIUS_DATA is absent")
    image = nib.load(path)
    return np.asarray(image.dataobj).astype(np.uint8), image.affine


@pytest.mark.parametrize("rule", PLANTED)
def test_what_is_wrong_on_the_right_is_found(case, rule):
    array, affine = case
    session = vesalius.Session(target=SCHEME, rules="recommended", select=rule)
    labels = {row.name: row.integer for row in session.rows}
    plant, structure = PLANTED[rule]
    assert session.lint((array, affine)).findings == ()
    found = session.lint((plant(array, labels, affine), affine)).findings
    assert structure in " ".join(finding.message for finding in found)
