"""A source that is mirrored, out of scale or beside the image is named, and not edited.

The sources are boxes in the places that organs have, drawn here.
"""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

import vesalius

# Label of totalsegmentator_v2: (x, y, z) of a box, from the right, the back and the feet, in cm.
PLACES = {
    1: (30, 14, 24), 2: (12, 10, 16), 3: (30, 10, 18), 4: (10, 24, 20), 5: (10, 18, 27),
    6: (28, 22, 26), 7: (20, 16, 20), 21: (20, 24, 3), 51: (22, 22, 36), 52: (22, 13, 24),
    10: (31, 24, 44), 11: (31, 12, 38), 12: (8, 24, 46), 13: (8, 26, 38), 14: (8, 12, 36),
    63: (18, 13, 20),
}  # fmt: skip
LUNGS = (10, 11, 12, 13, 14)
SHAPE = (40, 32, 52)
AFFINE = np.array([[10.0, 0, 0, -200], [0, 10, 0, -160], [0, 0, 10, 0], [0, 0, 0, 1]])
SCHEME = "totalsegmentator_v2"


def drawn():
    """All boxes; the first axis runs from left to right, as RAS has it."""
    array = np.zeros(SHAPE, dtype=np.uint8)
    for label, (x, y, z) in PLACES.items():
        left = SHAPE[0] - 1 - x
        array[left - 2 : left + 3, y - 2 : y + 3, z - 3 : z + 4] = label
    return array


@pytest.fixture(scope="module")
def session():
    return vesalius.Session([SCHEME, SCHEME], target=SCHEME)


@pytest.fixture(scope="module")
def single():
    return vesalius.Session(target=SCHEME)


def of_sources(result):
    return [
        (f.rule, f.source, f.severity) for f in result.findings if f.rule.startswith("sources/")
    ]


def saved(array, path, affine=AFFINE):
    nib.save(nib.Nifti1Image(array, affine), path)
    return str(path)


def test_right_sources_raise_nothing(session):
    array, lungs = drawn(), np.isin(drawn(), LUNGS)
    parts = [np.where(lungs, 0, array), np.where(lungs, array, 0)]
    merged = session.merge({SCHEME: [(part, AFFINE) for part in parts]})
    assert of_sources(merged) == []


def test_a_mirrored_source_among_others_is_named_and_not_edited(session, tmp_path):
    array, lungs = drawn(), np.isin(drawn(), LUNGS)
    organs = saved(np.where(lungs, 0, array), tmp_path / "organs.nii.gz")
    mirrored = np.flip(np.where(lungs, array, 0), 0)
    wrong = saved(mirrored, tmp_path / "lungs.nii.gz")
    merged = session.merge({SCHEME: [organs, wrong]})
    assert of_sources(merged) == [("sources/left-and-right", wrong, "error")]
    assert merged.verdict.word == "review"
    assert merged.verdict.rules[0] == "sources/left-and-right"
    assert f"{wrong}: left and right are exchanged" in merged.verdict.reasons[0]
    changed = {change.structure for change in merged.changes}
    assert not changed & {merged.names[label] for label in LUNGS}
    assert np.array_equal(np.where(np.isin(merged.array, LUNGS), merged.array, 0),
                          np.where(np.isin(merged.array, LUNGS), mirrored, 0))  # fmt: skip
    assert merged.summary.worst.rule == "sources/left-and-right"
    outcome = next(o for o in merged.report["outcomes"] if o["rule"] == "sources/left-and-right")
    assert [found["source"] for found in outcome["remains"]] == [wrong]
    assert outcome["mended"] == []


@pytest.mark.parametrize(
    ("axis", "rule"),
    [(0, "left-and-right"), (1, "front-and-back"), (2, "head-and-foot")],
)
def test_a_flip_of_one_source_alone(axis, rule, single):
    flipped = np.flip(drawn(), axis)
    lint = single.lint((flipped, AFFINE))
    assert [f.rule for f in lint.findings if f.rule.startswith("sources/")] == [f"sources/{rule}"]
    repaired = single.repair((flipped, AFFINE))
    assert repaired.changed_voxels == 0
    assert {f.rule for f in repaired.findings} == {f.rule for f in lint.findings}


def test_the_lungs_of_one_file_mirrored_are_not_renamed(single):
    array, lungs = drawn(), np.isin(drawn(), LUNGS)
    mirrored = np.flip(np.where(lungs, array, 0), 0)
    whole = np.where(mirrored, mirrored, np.where(lungs, 0, array))
    repaired = single.repair((whole, AFFINE))
    assert [rule for rule, _, _ in of_sources(repaired)] == ["sources/left-and-right"]
    assert np.array_equal(np.where(mirrored, repaired.array, 0), mirrored)


@pytest.mark.parametrize("factors", [(0.2, 0.2, 0.2), (1, 1, 0.2), (10, 10, 10)])
def test_lost_spacing_is_named_as_a_scale(factors, single):
    affine = AFFINE @ np.diag([*factors, 1.0])
    repaired = single.repair((drawn(), affine))
    assert [rule for rule, _, _ in of_sources(repaired)] == ["sources/scale"]
    assert repaired.changed_voxels == 0


def test_labels_beside_the_body_of_the_image(single):
    array = drawn()
    image = np.full(SHAPE, -1000.0)
    image[array > 0] = 60
    image[np.isin(array, LUNGS)] = -800
    image[array == 51] = 150
    image[array == 52] = 150
    assert of_sources(single.repair((array, AFFINE), (image, AFFINE))) == []
    moved = np.roll(array, 6, axis=0)
    repaired = single.repair((moved, AFFINE), (image, AFFINE))
    assert [rule for rule, _, _ in of_sources(repaired)] == ["sources/in-the-image"]
    assert not {change.structure for change in repaired.changes} - {"background"}


def test_situs_inversus_of_organs_is_no_mirrored_file(single):
    array = drawn()
    single_ones = (1, 4, 5, 6)
    swapped = np.where(np.isin(array, single_ones), 0, array)
    other = np.flip(np.where(np.isin(array, single_ones), array, 0), 0)
    repaired = single.repair((np.where(other, other, swapped), AFFINE))
    assert of_sources(repaired) == []
    assert repaired.verdict.word == "review"
