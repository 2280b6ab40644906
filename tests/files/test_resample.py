"""Nearest neighbour equals the definition voxel by voxel, and knows no memory order."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import affine_transform

from vesalius.adapters.files import resample
from vesalius.adapters.files.resample import TIE_VOXELS, nearest
from vesalius.engine.runs.grid import Grid


def brute_force(labels, source, target):
    """For every target voxel all source voxels: the one whose box holds its centre."""
    out = np.zeros(target.shape, labels.dtype)
    covered = np.zeros(target.shape, bool)
    for index in np.ndindex(*target.shape):
        position = source.to_ijk(target.to_mm(index))
        found = []
        for axis in range(3):
            steps = source.affine[:3, axis]
            ascending = steps[np.argmax(np.abs(steps))] > 0
            for i in range(source.shape[axis]):
                # Along the patient: a box owns its far face, not its near one.
                along = (position[axis] - i) * (1 if ascending else -1)
                if -0.5 + TIE_VOXELS < along <= 0.5 + TIE_VOXELS:
                    found.append(i)
        if len(found) == 3:
            covered[index] = True
            out[index] = labels[tuple(found)]
    return out, covered


def turned(angles):
    matrix = np.eye(3)
    for (a, b), angle in zip(((0, 1), (1, 2), (0, 2)), angles, strict=True):
        part = np.eye(3)
        part[[a, a, b, b], [a, b, a, b]] = np.array([1, -1, 1, 1]) * [
            np.cos(angle),
            np.sin(angle),
            np.sin(angle),
            np.cos(angle),
        ]
        matrix = matrix @ part
    return matrix


spacings = st.tuples(*[st.sampled_from([0.5, 1.0, 1.5, 2.0, -1.0, -0.75])] * 3)
shapes = st.tuples(*[st.integers(1, 6)] * 3)
origins = st.tuples(*[st.sampled_from([-2.0, -0.5, 0.0, 0.25, 1.0, 3.5])] * 3)


@st.composite
def grids(draw):
    affine = np.eye(4)
    kind = draw(st.sampled_from(["straight", "swapped", "oblique"]))
    if kind == "swapped":
        affine[:3, :3] = np.eye(3)[list(draw(st.permutations(range(3))))]
    elif kind == "oblique":
        affine[:3, :3] = turned(draw(st.tuples(*[st.floats(-0.6, 0.6)] * 3)))
    affine[:3, :3] *= draw(spacings)
    affine[:3, 3] = draw(origins)
    return Grid(draw(shapes), affine)


@settings(deadline=None, max_examples=150)
@given(grids(), grids(), st.integers(0, 999), st.sampled_from(["C", "F"]))
def test_equals_the_definition(source, target, seed, order):
    labels = np.random.default_rng(seed).integers(1, 300, source.shape).astype(np.uint16)
    result = nearest(np.asarray(labels, order=order), source, target)
    expected, covered = brute_force(labels, source, target)
    assert np.array_equal(result.array, expected)
    assert result.array.flags.f_contiguous
    assert result.covered_voxels == np.count_nonzero(covered)
    places = np.argwhere(covered)
    if len(places):
        assert result.lo == tuple(places.min(axis=0))
        assert result.hi == tuple(places.max(axis=0) + 1)
    else:
        assert (result.lo, result.hi) == ((0, 0, 0), (0, 0, 0))


@settings(deadline=None, max_examples=60)
@given(grids(), grids(), st.integers(0, 999))
def test_both_ways_of_computing_agree(source, target, seed):
    labels = np.random.default_rng(seed).integers(1, 9, source.shape).astype(np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        first = nearest(labels, source, target)
        patch.setattr(resample, "_parallel_axes", lambda *_: None)
        second = nearest(labels, source, target)
    assert np.array_equal(first.array, second.array)
    assert first.covered_voxels == second.covered_voxels
    assert (first.lo, first.hi) == (second.lo, second.hi)


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("flips", list(itertools.product((False, True), repeat=3)))
def test_ties_are_decided_in_the_patient(reorient, axes, flips):
    """Every second target centre lies on a face of the source, in whatever order it is stored."""
    source = Grid((6, 6, 6), np.diag([1.0, 1, 1, 1]))
    target = Grid((6, 6, 6), np.diag([0.5, 1.5, 0.5, 1]))
    labels = np.random.default_rng(1).integers(1, 99, source.shape).astype(np.uint8)
    expected = nearest(labels, source, target).array
    turned_labels, turned_source = reorient(labels, source, axes, flips)
    turned_target, target_grid = reorient(expected, target, axes, flips)
    assert np.array_equal(nearest(turned_labels, turned_source, target).array, expected)
    assert np.array_equal(nearest(labels, source, target_grid).array, turned_target)


def test_equals_scipy_away_from_faces():
    rng = np.random.default_rng(3)
    labels = rng.integers(1, 200, (30, 25, 20)).astype(np.uint8)
    source = Grid(labels.shape, np.diag([1.0, 1.2, 2.0, 1]))
    matrix = np.eye(4)
    matrix[:3, :3] = turned((0.31, -0.12, 0.23)) * [0.9, 0.8, 1.1]
    matrix[:3, 3] = [4.03, 3.07, 2.01]
    target = Grid((22, 21, 20), matrix)
    linear = np.linalg.inv(source.affine) @ target.affine
    expected = affine_transform(
        labels, linear[:3, :3], linear[:3, 3], target.shape, order=0, mode="constant"
    )
    result = nearest(labels, source, target)
    index = source.to_ijk(target.to_mm(np.moveaxis(np.indices(target.shape), 0, -1)))
    # scipy's constant mode ends at the outermost centres; ours at the outermost faces.
    clear = (index > 0) & (index < np.array(labels.shape) - 1)
    clear &= np.abs(index % 1 - 0.5) > 2 * TIE_VOXELS
    deep = np.all(clear, axis=-1)
    assert np.count_nonzero(deep) > 1000
    assert np.array_equal(result.array[deep], expected[deep])
