"""The same patient on every grid: orientations, affines, seeds."""

from __future__ import annotations

from itertools import permutations, product

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.phantom import make_phantom

CODES = ["".join(p) for axes in permutations(("RL", "AP", "SI")) for p in product(*axes)]


def canonical(array, affine):
    image = nib.as_closest_canonical(nib.Nifti1Image(array, affine))
    return np.asanyarray(image.dataobj), image.affine


def test_there_are_48_codes():
    assert len(set(CODES)) == 48


@pytest.mark.parametrize("code", CODES)
def test_an_orientation_changes_nothing_in_the_patient(mini, code):
    spacing = (2.0, 2.5, 3.0)
    plain = make_phantom(mini, spacing, seed=4)
    made = make_phantom(mini, spacing, seed=4, orientation=code)
    assert nib.aff2axcodes(made.grid.affine) == tuple(code)
    for ours, theirs in ((made.truth, plain.truth), (made.ct, plain.ct)):
        array, affine = canonical(ours, made.grid.affine)
        assert np.array_equal(array, theirs)
        assert np.allclose(affine, plain.grid.affine, rtol=0, atol=1e-12)
    # The same grid given by its affine.
    again = make_phantom(mini, shape=made.grid.shape, affine=made.grid.affine, seed=4)
    assert np.array_equal(again.truth, made.truth)
    assert np.array_equal(again.ct, made.ct)
    assert np.array_equal(again.grid.affine, made.grid.affine)


@pytest.fixture(scope="module")
def plain(description):
    return make_phantom(description, (6.0, 6.0, 6.0))


@pytest.mark.parametrize("code", ["LPS", "PIR", "SAL"])
def test_the_whole_body_turns_too(description, plain, code):
    made = make_phantom(description, (6.0, 6.0, 6.0), orientation=code)
    assert np.array_equal(canonical(made.truth, made.grid.affine)[0], plain.truth)
    assert np.array_equal(canonical(made.ct, made.grid.affine)[0], plain.ct)


def test_an_oblique_grid_reads_the_same_patient(mini):
    # Turned by a quarter about z, with a shear too small to move any voxel centre visibly:
    # the general path must agree with the axis-aligned one.
    plain = make_phantom(mini, (2.0, 2.0, 2.0), seed=1)
    affine = plain.grid.affine.copy()
    affine[0, 1] = 1e-9
    made = make_phantom(mini, shape=plain.grid.shape, affine=affine, seed=1)
    assert np.array_equal(made.truth, plain.truth)


def test_a_rotated_grid_samples_the_turned_patient(mini):
    plain = make_phantom(mini, (1.0, 1.0, 1.0), seed=1)
    angle = np.deg2rad(20)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn * 3.0
    affine[:3, 3] = turn @ [-30.0, -30.0, -45.0]
    made = make_phantom(mini, shape=(20, 20, 30), affine=affine, seed=1)
    near = np.rint(
        plain.grid.to_ijk(made.grid.to_mm(np.indices((20, 20, 30)).reshape(3, -1).T))
    ).astype(int)
    inside = ((near >= 0) & (near < plain.grid.shape)).all(axis=1)
    sampled = np.zeros(len(near), dtype=plain.truth.dtype)
    sampled[inside] = plain.truth[tuple(near[inside].T)]
    agree = (sampled == made.truth.ravel())[inside]
    assert agree.mean() > 0.93  # all but the surfaces


def test_shape_crops_about_the_middle(mini):
    whole = make_phantom(mini, (2.0, 2.0, 2.0))
    part = make_phantom(mini, (2.0, 2.0, 2.0), shape=(10, 10, 10))
    assert whole.truth.shape == (40, 30, 50)
    middle = whole.truth[15:25, 10:20, 20:30]
    assert np.array_equal(part.truth > 0, middle > 0)
    assert np.allclose(part.grid.to_mm([0, 0, 0]), whole.grid.to_mm([15, 10, 20]))


def test_a_seed_gives_the_same_bytes(mini):
    one, two, other = (make_phantom(mini, (2.0, 2.0, 2.0), seed=s) for s in (7, 7, 8))
    assert one.truth.tobytes() == two.truth.tobytes()
    assert one.ct.tobytes() == two.ct.tobytes()
    assert not np.array_equal(one.truth, other.truth)
    assert not np.array_equal(one.ct, other.ct)


def test_pairs_vary_independently(mini):
    made = make_phantom(mini, (1.0, 1.0, 1.0), seed=5)
    left, right = (
        made.truth == made.structures.index(f"kidney_{s}") + 1 for s in ("left", "right")
    )
    assert left.any()
    assert not np.array_equal(left, right[::-1])


def test_sexes_differ_in_size_and_organs(mini):
    man, woman = (make_phantom(mini, (2.0, 2.0, 2.0), sex=s) for s in ("male", "female"))
    assert "urinary_bladder" in man.structures
    assert "urinary_bladder" not in woman.structures
    assert "uterus" in woman.structures
    assert (woman.truth > 0).sum() < 0.9 * (man.truth > 0).sum()


def test_types_and_air(mini):
    made = make_phantom(mini, (2.0, 2.0, 2.0))
    assert made.truth.dtype == np.uint16
    assert made.ct.dtype == np.int16
    assert made.ct[made.truth == 0].mean() < -990


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sex": "unknown"}, "sex is one of male, female"),
        ({"seed": -1}, "must not be negative"),
        ({"orientation": "RAL"}, "three letters"),
        ({"orientation": "RASS"}, "three letters"),
        ({"orientation": "ras"}, "three letters"),
        ({"affine": np.eye(4)}, "needs the shape"),
    ],
)
def test_wrong_settings_are_refused(mini, settings, message):
    with pytest.raises(ValueError, match=message):
        make_phantom(mini, (2.0, 2.0, 2.0), **settings)
