"""The built-in phantom is sane anatomy: what a rule may demand of a patient, it has."""

from __future__ import annotations

from itertools import pairwise

import cc3d
import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree

from vesalius.adapters.phantom import make_phantom


def number_of(phantom, name):
    """The value of a structure in `truth`."""
    return phantom.structures.index(name) + 1


def mask(phantom, name):
    return phantom.truth == number_of(phantom, name)


def pieces(chosen, connectivity):
    return int(cc3d.connected_components(chosen, connectivity=connectivity).max())


def expected_structures(dap, ontology, sex):
    return {name for name in dap.structures() if ontology.get(name, "sex", "any") in ("any", sex)}


def test_every_structure_of_the_atlas_is_there(phantom, dap, ontology):
    expected = expected_structures(dap, ontology, phantom.sex)
    assert len(expected) == {"male": 141, "female": 142}[phantom.sex]
    assert set(phantom.structures) == expected
    counts = np.bincount(phantom.truth.ravel(), minlength=len(phantom.structures) + 1)
    assert min(counts[1:]) >= 20


def test_structures_of_one_piece_are_in_one_piece(phantom, ontology):
    boxes = ndimage.find_objects(phantom.truth)
    wrong = {}
    for number, name in enumerate(phantom.structures, start=1):
        count = pieces(phantom.truth[boxes[number - 1]] == number, 6)
        if ontology.get(name, "components") == "one" and count != 1:
            wrong[name] = count
    assert wrong == {}


def test_ribs_do_not_touch_each_other(phantom, ontology):
    ribs = [n for s in ("ribs_left", "ribs_right") for n in ontology.sequences[s].members]
    numbers = [number_of(phantom, name) for name in ribs]
    assert len(numbers) == 24
    assert pieces(np.isin(phantom.truth, numbers), 26) == 24


def test_sides_are_the_patients(phantom, points_mm, ontology):
    # RAS+: x grows to the patient's right.
    wrong = []
    for name in phantom.structures:
        sign = {"left": -1, "right": 1}.get(ontology.get(name, "side"), 0)
        if sign and sign * points_mm(name)[:, 0].mean() < 5:
            wrong.append(name)
    assert wrong == []


def test_paired_organs_do_not_cross_the_midline(phantom, points_mm, ontology):
    crossing = {"brachiocephalic_vein_left", "iliac_vena_left"}  # as in every patient
    for name in phantom.structures:
        sign = {"left": -1, "right": 1}.get(ontology.get(name, "side"), 0)
        if sign and name not in crossing:
            assert (sign * points_mm(name)[:, 0]).min() > 0, name


def test_organs_lie_on_their_usual_side(phantom, points_mm):
    x = {n: points_mm(n)[:, 0] for n in ("liver", "spleen", "aorta")}
    x |= {n: points_mm(n)[:, 0] for n in ("stomach", "inferior_vena_cava")}
    assert (x["liver"] > 0).mean() > 0.65
    assert (x["spleen"] < 0).all()
    assert (x["aorta"] < 0).mean() > 0.5
    assert (x["stomach"] < 0).mean() > 0.6
    assert (x["inferior_vena_cava"] > 0).all()
    assert points_mm("heart_ventricle_left")[:, 0].mean() < -20


def test_vertebrae_follow_each_other_without_gaps(phantom, points_mm, ontology):
    names = [*ontology.sequences["vertebrae"].members, "sacrum"]
    points = [points_mm(name) for name in names]
    heights = [p[:, 2].mean() for p in points]
    assert (np.diff(heights) < -8).all()
    for above, below in pairwise(points):
        gap = cKDTree(above).query(below)[0].min()
        assert gap <= 15.0


@pytest.mark.parametrize("sequence", ["ribs_left", "ribs_right"])
@pytest.mark.parametrize("height", [np.mean, np.median, np.min])
def test_ribs_descend_however_their_height_is_taken(phantom, points_mm, ontology, sequence, height):
    members = ontology.sequences[sequence].members
    z = [height(points_mm(name)[:, 2]) for name in members]
    assert (np.diff(z) < 0).all()


def test_each_rib_reaches_its_vertebra(phantom, points_mm, ontology):
    levels = [n for n in ontology.sequences["vertebrae"].members if n.startswith("vertebrae_T")]
    for side in ("ribs_left", "ribs_right"):
        for rib, level in zip(ontology.sequences[side].members, levels, strict=True):
            bone = cKDTree(points_mm(level))
            assert bone.query(points_mm(rib))[0].min() <= 10, rib


def test_volumes_are_plausible(phantom, ontology):
    counts = np.bincount(phantom.truth.ravel(), minlength=len(phantom.structures) + 1)
    wrong = {}
    for number, name in enumerate(phantom.structures, start=1):
        low, high = ontology.get(name, "volume_ml")
        volume = counts[number] * phantom.grid.voxel_ml
        if not low <= volume <= high:
            wrong[name] = volume
    assert wrong == {}


def test_hounsfield_values_are_plausible(phantom, ontology):
    numbers = np.arange(1, len(phantom.structures) + 1)
    means = ndimage.mean(phantom.ct, phantom.truth, numbers)
    wrong = {}
    for name, mean in zip(phantom.structures, means, strict=True):
        low, high = ontology.get(name, "hu")
        if not low <= mean <= high:
            wrong[name] = mean
    assert wrong == {}


def test_bone_above_the_fifth_cervical_vertebra_is_skull_or_spine(phantom, points_mm, ontology):
    spine = [number_of(phantom, name) for name in ontology.sequences["vertebrae"].members]
    top = points_mm("vertebrae_C5")[:, 2].max()
    skull = mask(phantom, "skull")
    above = points_mm("skull")[:, 2].min()
    assert above > top
    dense = (phantom.ct >= 350) & ~np.isin(phantom.truth, spine)
    z = phantom.grid.affine[2, 3] + phantom.grid.affine[2, 2] * np.arange(phantom.grid.shape[2])
    dense[:, :, z <= top] = False
    assert np.array_equal(dense, skull)


def test_the_body_is_dense_and_in_its_skin(phantom):
    body = phantom.truth > 0
    assert np.array_equal(ndimage.binary_fill_holes(body), body)
    rim = ndimage.binary_dilation(~body) & body
    seen = {
        phantom.structures[n - 1]: c
        for n, c in zip(*np.unique(phantom.truth[rim], return_counts=True), strict=True)
    }
    total = sum(seen.values())
    assert seen["skin"] / total > 0.98
    others = {name: count for name, count in seen.items() if name not in ("skin", "fat")}
    assert sum(others.values()) < 40


def test_spine_and_sternum_lie_in_the_midsagittal_plane(phantom, points_mm, ontology):
    names = [*ontology.sequences["vertebrae"].members, "sternum_body", "sternum_manubrium"]
    centres = np.array([points_mm(name).mean(axis=0) for name in names])
    assert np.abs(centres[:, 0]).max() < 1.0
    normal = np.linalg.svd(centres - centres.mean(axis=0))[2][2]
    assert abs(normal[0]) > 0.999
    assert centres[-2:, 1].min() - centres[:24, 1].max() > 40


def test_lungs_over_liver_over_pelvis(phantom, points_mm):
    def z(name):
        return points_mm(name)[:, 2]

    for lobe in ("lung_lower_lobe_left", "lung_lower_lobe_right"):
        assert z(lobe).mean() > z("liver").mean() + 40
    assert z("liver").mean() > z("urinary_bladder").mean() + 120
    assert z("hip_left").max() < z("vertebrae_L2").mean()


@pytest.mark.parametrize("spacing", [1.9, 4.0])
def test_other_spacings_keep_every_structure_and_its_pieces(description, ontology, spacing):
    made = make_phantom(description, (spacing,) * 3, sex="male", seed=3)
    counts = np.bincount(made.truth.ravel(), minlength=len(made.structures) + 1)
    assert (counts[1:] > 0).all()
    boxes = ndimage.find_objects(made.truth)
    for number, name in enumerate(made.structures, start=1):
        if ontology.get(name, "components") == "one":
            assert pieces(made.truth[boxes[number - 1]] == number, 6) == 1, name
