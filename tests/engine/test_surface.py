"""Corners of surfaces, and their distances, against voxels looked at one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vesalius.engine.runs import kernels
from vesalius.engine.runs.labelmap import encode
from vesalius.engine.runs.surface import surfaces
from vesalius.engine.runs.surface_distance import surface_distances

SHAPES = st.tuples(*[st.integers(1, 5)] * 3)
ORDERS = tuple(itertools.permutations(range(3)))


def looked_at(mask: np.ndarray) -> dict[tuple[int, int, int], int]:
    """Every corner with some voxels inside and some outside."""
    padded = np.pad(mask != 0, 1)
    found = {}
    for corner in itertools.product(*(range(n + 1) for n in mask.shape)):
        steps = itertools.product((0, 1), repeat=3)
        eight = [padded[tuple(np.add(corner, step))] for step in steps]
        bits = sum(int(inside) << bit for bit, inside in enumerate(eight))
        if bits not in (0, 255):
            found[corner] = bits
    return found


def corners_of(found, label):
    chosen = found.of(label)
    ijk, inside = found.ijk[chosen].tolist(), found.inside[chosen].tolist()
    at = dict(zip(map(tuple, ijk), inside, strict=True))
    assert len(at) == len(ijk)
    return at


volumes_of_labels = SHAPES.flatmap(
    lambda shape: hnp.arrays(np.uint16, shape, elements=st.sampled_from([0, 0, 1, 2, 3, 300]))
)


@settings(deadline=None)
@given(volumes_of_labels, st.sampled_from(ORDERS), st.sampled_from([np.int32, np.int64]))
def test_corners_and_their_voxels(array, axes, kind):
    found = surfaces(encode(array, np.eye(4), axes=axes, dtype=kind), 302)
    assert found.begin.size == 303
    for label in (1, 2, 3, 300):
        assert corners_of(found, label) == looked_at(array == label)
    assert len(found) == sum(len(looked_at(array == label)) for label in (1, 2, 3, 300))


@settings(deadline=None)
@given(volumes_of_labels, st.data())
def test_distances_are_those_of_all_pairs_of_corners(array, data):
    other = data.draw(hnp.arrays(np.uint16, array.shape, elements=st.sampled_from([0, 0, 1, 2, 3])))
    # Long thin voxels: some corners are far from all others.
    affine = np.array([[1, 0.3, 0, 5], [0, 2, 0, 0], [0, 0, 4, -1], [0, 0, 0, 1.0]])
    axes = data.draw(st.sampled_from(ORDERS))
    maps = [encode(each, affine, axes=axes) for each in (array, other)]
    sides = [surfaces(each, 301) for each in maps]
    kinds = np.arange(256).astype(np.uint8) % 3
    found = surface_distances(*maps, kinds)
    for (here, there), distances in zip((sides, sides[::-1]), found, strict=True):
        for label in (1, 2, 3, 300):
            mine = here.ijk[here.of(label)] @ affine[:3, :3].T
            theirs = there.ijk[there.of(label)] @ affine[:3, :3].T
            kind = kinds[here.code[here.of(label)]]
            if not len(theirs) or not len(mine):
                assert label >= len(distances.counts) or not distances.counts[label].any()
                assert not (distances.far.label == label).any()
                continue
            for number in range(3):
                mm, weights = distances.of(label, np.eye(3)[number])
                assert np.all(mm[1:] >= mm[:-1])
                got = np.repeat(mm, weights.astype(int))
                apart = np.linalg.norm(mine[kind == number][:, None] - theirs[None], axis=2)
                assert got == pytest.approx(np.sort(apart.min(axis=1)))


def test_corners_beyond_the_steps_are_found_too():
    array = np.zeros((40, 4, 4), np.uint8)
    array[1, 1, 1] = array[30:32, 1, 1] = 1
    other = np.zeros_like(array)
    other[3, 1, 1] = 1
    maps = (encode(each, np.eye(4)) for each in (array, other))
    found, back = surface_distances(*maps, np.zeros(256, np.uint8))
    mm, corners = found.of(1, np.ones(1))
    # 20 corners: two times four of the near voxel, three times four of the far pair.
    assert np.repeat(mm, corners.astype(int)).tolist() == sorted([1.0, 2.0, 26.0, 27.0, 28.0] * 4)
    mm, corners = back.of(1, np.ones(1))
    assert np.repeat(mm, corners.astype(int)).tolist() == sorted([1.0, 2.0] * 4)


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1)])
def test_a_structure_that_fills_several_windows(axes):
    """Surfaces cross the ends of windows, and nothing of one window is left in the next."""
    one = np.zeros((160, 170, 180), np.uint8)
    one[2:150, 3:160, 4:170] = 1
    one[::40, ::40, ::30] = 2
    other = np.roll(one, (1, 1, 1), axis=(0, 1, 2))
    maps = [encode(each, np.diag([1, 2, 1.5, 1]), axes=axes) for each in (one, other)]
    kinds = np.arange(256, dtype=np.uint8) % 7
    found = surface_distances(*maps, kinds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", None)
        plain = surface_distances(*maps, kinds)
    for mine, theirs in zip(found, plain, strict=True):
        np.testing.assert_array_equal(mine.counts, theirs.counts)
        np.testing.assert_array_equal(mine.far.label, theirs.far.label)
        np.testing.assert_array_equal(np.sort(mine.far_mm), np.sort(theirs.far_mm))


def test_one_voxel_has_eight_corners():
    mask = np.zeros((3, 3, 3), np.uint8)
    mask[1, 1, 1] = 7
    found = surfaces(encode(mask, np.eye(4)))
    assert sorted(found.inside.tolist()) == [1, 2, 4, 8, 16, 32, 64, 128]
    assert found.of(7) == slice(0, 8)


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 3, 2)])
def test_a_full_grid_has_the_corners_of_its_faces(shape):
    mask = np.ones(shape, np.uint8)
    inner = np.prod([n - 1 for n in shape])
    assert len(surfaces(encode(mask, np.eye(4)))) == np.prod([n + 1 for n in shape]) - inner


def test_nothing_has_no_surface():
    assert len(surfaces(encode(np.zeros((2, 3, 4), np.uint8), np.eye(4)))) == 0
