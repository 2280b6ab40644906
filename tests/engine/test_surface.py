"""Corners of surfaces against all eight voxels looked at one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vesalius.engine.runs.labelmap import encode
from vesalius.engine.runs.surface import surface

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


@settings(deadline=None)
@given(
    SHAPES.flatmap(lambda shape: hnp.arrays(np.uint8, shape, elements=st.integers(0, 2))),
    st.sampled_from(ORDERS),
)
def test_corners_and_their_voxels(mask, axes):
    found = surface(encode(mask, np.eye(4), axes=axes))
    at = dict(zip(map(tuple, found.ijk.tolist()), found.inside.tolist(), strict=True))
    assert len(at) == len(found)
    assert at == looked_at(mask)


def test_one_voxel_has_eight_corners():
    mask = np.zeros((3, 3, 3), np.uint8)
    mask[1, 1, 1] = 7
    found = surface(encode(mask, np.eye(4)))
    assert sorted(found.inside.tolist()) == [1, 2, 4, 8, 16, 32, 64, 128]


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 3, 2)])
def test_a_full_grid_has_the_corners_of_its_faces(shape):
    mask = np.ones(shape, np.uint8)
    inner = np.prod([n - 1 for n in shape])
    assert len(surface(encode(mask, np.eye(4)))) == np.prod([n + 1 for n in shape]) - inner


def test_nothing_has_no_surface():
    assert len(surface(encode(np.zeros((2, 3, 4), np.uint8), np.eye(4)))) == 0
