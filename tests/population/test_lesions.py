"""Lesions on a grid of their own, and Wilson's intervals against published ones."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.population.lesions import lesion_rows, rate_rows, share
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError


@pytest.fixture(scope="module")
def amos():
    return load_scheme("amos22", load_ontology())


def write(path, array, affine):
    image = nib.Nifti1Image(array, affine)
    image.set_sform(affine, code=1)
    nib.save(image, path)
    return path


def test_each_lesion_voxel_counts_for_the_label_its_centre_lies_in(tmp_path, amos):
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, (7, 6, 5)).astype(np.uint8) * 3  # background, 3, spleen is 1
    labels[labels == 3] = 1
    affine = np.array([[-3.0, 0, 0, 11], [0, 2, 0, -5], [0, 0, 4, 2], [0, 0, 0, 1]])
    turned = np.array([[0.0, 1.3, 0, -8], [1.1, 0, 0, -4], [0, 0, 1.7, 1], [0, 0, 0, 1]])
    lesions = (random.random((8, 12, 9)) < 0.3).astype(np.uint8)
    write(tmp_path / "labels.nii.gz", labels, affine)
    write(tmp_path / "lesions.nii.gz", lesions, turned)
    counts: dict[str, int] = {}
    names = {0: "none", 1: "spleen", 6: "liver"}
    for at in np.argwhere(lesions):
        mm = nib.affines.apply_affine(turned, at)
        i, j, k = np.rint(nib.affines.apply_affine(np.linalg.inv(affine), mm)).astype(int)
        inside = 0 <= i < 7 and 0 <= j < 6 and 0 <= k < 5
        name = names[int(labels[i, j, k])] if inside else "none"
        counts[name] = counts.get(name, 0) + 1
    rows = lesion_rows(tmp_path / "lesions.nii.gz", tmp_path / "labels.nii.gz", amos, {})
    found = {row["structure"]: row for row in rows}
    assert {name: row["voxels"] for name, row in found.items()} == counts
    assert found["spleen"]["volume_ml"] == pytest.approx(counts["spleen"] * 1.3 * 1.1 * 1.7 / 1000)


def test_an_empty_mask_is_a_patient_without_lesions_and_one_elsewhere_is_refused(tmp_path, amos):
    labels = write(tmp_path / "l.nii.gz", np.ones((3, 3, 3), np.uint8), np.eye(4))
    empty = write(tmp_path / "e.nii.gz", np.zeros((3, 3, 3), np.uint8), np.eye(4))
    assert [(r["structure"], r["voxels"]) for r in lesion_rows(empty, labels, amos, {})] == [
        ("none", 0)
    ]
    far = np.eye(4)
    far[:3, 3] = 500
    away = write(tmp_path / "a.nii.gz", np.ones((3, 3, 3), np.uint8), far)
    with pytest.raises(DiagnosticError, match="no lesion voxel lies in the label map"):
        list(lesion_rows(away, labels, amos, {}))


# R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("some", "of_all", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson(some, of_all, low, high):
    found = share(some, of_all)
    assert found["rate"] == pytest.approx(some / of_all, abs=1e-6)
    assert (round(found["rate_low"], 4), round(found["rate_high"], 4)) == (low, high)


def test_rates_leave_out_patients_without_lesions_and_know_a_least_volume(people):
    everyone = people(
        {"case": "a", "diagnosis": "x"}, {"case": "b", "diagnosis": "x"},
        {"case": "c", "diagnosis": "x"}, {"case": "d", "diagnosis": "y"},
    )  # fmt: skip
    lesions = [
        {"case": "a", "structure": "liver", "voxels": 90, "volume_ml": 0.9},
        {"case": "b", "structure": "liver", "voxels": 1, "volume_ml": 0.05},
        {"case": "b", "structure": "none", "voxels": 50, "volume_ml": 0.5},
        {"case": "c", "structure": "none", "voxels": 0, "volume_ml": 0.0},
        {"case": "d", "structure": "none", "voxels": 7, "volume_ml": 0.07},
    ]
    rows = {(r["diagnosis"], r["least_ml"]): r for r in rate_rows(everyone, lesions, [0, 0.1])}
    assert {key: (r["structure"], r["touched"], r["patients"]) for key, r in rows.items()} == {
        ("x", 0): ("liver", 2, 2), ("x", 0.1): ("liver", 1, 2),
        ("y", 0): ("liver", 0, 1), ("y", 0.1): ("liver", 0, 1),
    }  # fmt: skip
