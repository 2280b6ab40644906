"""`tapering`: what ends at full width on another structure, drawn as boxes and balls."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Tapering, judge
from vesalius.engine.runs.labelmap import encode

EXPECT = Tapering((1, 2), (1, 2, 3), at_least_mm2=10.0)


def ball(cut=None, axis=0):
    """Draw a ball of 1; from the middle on it is called by another label."""
    place = np.indices((15, 15, 15))
    array = (((place - 7) ** 2).sum(axis=0) <= 30).astype(np.uint8)
    if cut is not None:
        array[(array > 0) & (place[axis] > 7)] = cut
    return array


def found(array, expect=EXPECT, affine=None):
    context = start(encode(array, np.eye(4) if affine is None else affine))
    return [(f.labels, f.voxels) for f in judge(expect, context).findings]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_half_of_a_ball_is_told_of_both(axis):
    layer = int((np.moveaxis(ball(), axis, 0)[7] > 0).sum())
    next_layer = int((np.moveaxis(ball(), axis, 0)[8] > 0).sum())
    told = found(ball(2, axis))
    assert ((2, 1), next_layer) in told
    assert {pair for pair, _ in told} <= {(1, 2), (2, 1)}
    assert all(voxels in (layer, next_layer) for _, voxels in told)


def test_a_ball_on_a_plate_ends_by_itself():
    array = ball()
    array[2:3] = np.where(array[2:3] == 0, 3, array[2:3])
    array[:2] = 3
    assert (array[1] == 3).all()
    assert found(array) == []


def test_only_what_is_asked_for_and_large_enough():
    half = ball(2)
    assert found(half, Tapering((3,), (1, 2))) == []
    assert found(half, Tapering((2,), (3,), at_least_mm2=10.0)) == []
    ((_, voxels),) = found(half, Tapering((2,), (1,), at_least_mm2=0.0))
    assert found(half, Tapering((2,), (1,), at_least_mm2=float(voxels)))
    assert not found(half, Tapering((2,), (1,), at_least_mm2=voxels + 0.1))


def test_the_share_that_meets_the_other():
    half = ball(2)
    (x, y, z), *_ = np.argwhere((half == 2) & (np.indices(half.shape)[0] == 8))
    ((_, voxels),) = found(half, Tapering((2,), (1,), at_least_mm2=0.0))
    half[x - 1, y, z] = 0
    share = (voxels - 1) / voxels
    assert found(half, Tapering((2,), (1,), meets_share=share, at_least_mm2=0.0))
    assert not found(half, Tapering((2,), (1,), meets_share=share + 0.001, at_least_mm2=0.0))


def test_the_area_is_in_mm():
    turned = np.diag([3.0, 2.0, 2.0, 1.0])
    half = ball(2)
    ((_, voxels),) = found(half, Tapering((2,), (1,), at_least_mm2=0.0))
    assert found(half, Tapering((2,), (1,), at_least_mm2=4.0 * voxels), turned)
    assert not found(half, Tapering((2,), (1,), at_least_mm2=4.0 * voxels + 1), turned)


def test_layers_that_are_too_thick_say_nothing():
    half = ball(2)
    thick = np.diag([3.0, 1.0, 1.0, 1.0])
    assert found(half, Tapering((2,), (1,), at_least_mm2=0.0, layer_at_most_mm=3.0), thick)
    assert not found(half, Tapering((2,), (1,), at_least_mm2=0.0, layer_at_most_mm=2.9), thick)


def test_at_the_edge_of_the_scan_nothing_is_said():
    assert found(ball(2)[8:]) == []


def test_what_is_lost_behind_a_plane():
    half = ball(0)
    bare = Tapering((1,), (3,), at_least_mm2=10.0, background=True)
    ((labels, voxels),) = found(half, bare)
    assert labels == (1,)
    assert voxels == int((half[7] > 0).sum())
    assert found(ball(), bare) == []
    assert found(half, Tapering((1,), (3,), at_least_mm2=10.0)) == []


def test_background_and_the_others_count_together():
    half = ball(0)
    end = np.argwhere(half[7] > 0)
    for part, label in ((end[::2], 3), (end[1::4], 2)):
        half[8][tuple(part.T)] = label
    bare = Tapering((1,), (2, 3), at_least_mm2=10.0, background=True)
    assert [labels for labels, _ in found(half, bare)] == [(1,)]
    assert found(half, Tapering((1,), (3,), at_least_mm2=10.0, background=True)) == []
