"""Half-spaces cut from runs, against the evaluation at every voxel: bit for bit."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

from oracle import dense
from vesalius.engine.runs.build import join
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.halfspace import HalfSpace, cut, inside_voxels, may_reach
from vesalius.engine.runs.labelmap import decode, encode

EYE = np.eye(4)
PARTS = st.sampled_from([0.0, 1.0, -1.0, 0.5]) | st.floats(-2, 2)


def within(lm, halfspaces):
    """Keep what is inside of a cut."""
    found = cut(lm, halfspaces)
    label = np.where(found.inside, found.pieces.label, 0)
    return join(lm, found.pieces.start, found.pieces.stop, label)


@st.composite
def planes(draw, grid):
    """Draw a plane through a voxel centre, on it up to rounding, or anywhere near."""
    normal = draw(st.tuples(PARTS, PARTS, PARTS).filter(any))
    voxel = [draw(st.integers(0, n - 1)) for n in grid.shape]
    through = float(np.dot(normal, grid.to_mm(voxel)))
    nudge = draw(st.sampled_from([0.0, 1e-13, -1e-13, 0.25]) | st.floats(-5, 5))
    return HalfSpace(normal, through + nudge)


@given(data=st.data(), count=st.integers(0, 3), dtype=st.sampled_from([np.int32, np.int64]))
def test_cut_equals_the_evaluation_at_every_voxel(volumes, data, count, dtype):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine, dtype=dtype)
    halfspaces = [data.draw(planes(lm.grid)) for _ in range(count)]
    truth = dense.inside(
        lm.grid.shape, lm.grid.affine, [(p.normal, p.offset_mm) for p in halfspaces]
    )
    result = cut(lm, halfspaces)
    pieces = result.pieces
    assert pieces.joined().same_as(lm)
    assert np.all(pieces.lengths > 0)
    assert np.all(pieces.stop[:-1] <= pieces.start[1:])
    assert np.array_equal(pieces.label, lm.label[pieces.run])
    marked = decode(pieces.joined(np.where(result.inside, 1, 2)))
    assert np.array_equal(marked, np.where(volume.array > 0, np.where(truth, 1, 2), 0))
    kept = np.where(truth, volume.array, 0)
    assert within(lm, halfspaces).same_as(encode(kept, volume.affine, axes=lm.axes))
    counts = inside_voxels(lm, halfspaces)
    expected = np.bincount(pieces.run, weights=pieces.lengths * result.inside, minlength=len(lm))
    assert counts.tolist() == expected.tolist()
    assert counts.sum() == np.count_nonzero(truth & (volume.array > 0))
    whole = np.zeros(3, dtype=np.int64), np.array(lm.grid.shape)
    assert may_reach(lm.grid, *whole, halfspaces) or not truth.any()


def test_half_spaces_that_a_box_misses_are_known_by_its_corners():
    grid, lo, hi = Grid((9, 9, 9), EYE), np.array([2, 2, 2]), np.array([5, 5, 5])
    for normal, last_mm in (((1, 0, 0), 4), ((-1, 0, 0), -2), ((0, 1, 1), 8), ((0, -1, 1), 2)):
        assert may_reach(grid, lo, hi, [HalfSpace(normal, last_mm)])
        assert not may_reach(grid, lo, hi, [HalfSpace(normal, last_mm + 0.5)])
    assert not may_reach(grid, lo, hi, [HalfSpace((1, 0, 0), 0), HalfSpace((0, 0, 1), 4.5)])


@given(
    normal=st.tuples(PARTS, PARTS, PARTS).filter(any),
    length=st.integers(2, 3000),
    scale=st.sampled_from([1.0, 1e-9, 1e-15, 1e9]),
)
@example(normal=(1e-17, 1.0, 0.0), length=3000, scale=1.0)
@example(normal=(1.0, 1e-16, 1e-16), length=512, scale=1e-15)
def test_long_runs_nearly_parallel_to_the_plane(normal, length, scale):
    turn = np.linalg.qr(np.random.default_rng(length).normal(size=(3, 3)))[0]
    affine = np.eye(4)
    affine[:3, :3] = turn
    affine[:3, 3] = [1e3, -1e3, 300.7]
    lm = encode(np.ones((1, 1, length), dtype=np.uint8), affine)
    middle = lm.grid.to_mm([0, 0, length / 3])
    # Nearly parallel: the part of the normal along the run is scaled down.
    along = turn[:, 2]
    normal = np.array(normal) - along * np.dot(normal, along) * (1 - scale)
    if not normal.any():
        return
    plane = HalfSpace(tuple(normal), float(normal @ middle))
    a, b, c, d = plane.coefficients(lm.grid)
    k = np.arange(length, dtype=np.float64)
    truth = (a * 0.0 + b * 0.0 + c * k + d) >= 0
    assert len(lm) == 1
    result = within(lm, plane)
    flat = np.zeros(length, dtype=bool)
    for start, stop in zip(result.start, result.stop, strict=True):
        flat[start:stop] = True
    assert np.array_equal(flat, truth)


def test_by_hand():
    lm = encode(np.ones((4, 1, 1), dtype=np.uint8), np.diag([-2.0, 1, 1, 1]))
    # Voxel centres at x = 0, -2, -4, -6.
    assert decode(within(lm, HalfSpace((1, 0, 0), -2))).ravel().tolist() == [1, 1, 0, 0]
    assert decode(within(lm, HalfSpace((-1, 0, 0), 2))).ravel().tolist() == [0, 1, 1, 1]
    assert decode(within(lm, HalfSpace((2, 0, 0), -3.9))).ravel().tolist() == [1, 0, 0, 0]
    assert within(lm, HalfSpace((0, 0, 1), 0)).same_as(lm)
    assert within(lm, HalfSpace((0, 0, 1), 0.1)).voxels == 0


def test_a_box_cuts_a_run_in_three():
    lm = encode(np.full((1, 1, 9), 5, dtype=np.uint8), EYE)
    result = cut(lm, [HalfSpace((0, 0, 1), 3), HalfSpace((0, 0, -1), -5)])
    assert result.pieces.start.tolist() == [0, 3, 6]
    assert result.pieces.stop.tolist() == [3, 6, 9]
    assert result.pieces.run.tolist() == [0, 0, 0]
    assert result.inside.tolist() == [False, True, False]


def test_contradicting_planes_leave_runs_whole_and_outside():
    lm = encode(np.full((1, 1, 9), 5, dtype=np.uint8), EYE)
    result = cut(lm, [HalfSpace((0, 0, 1), 6), HalfSpace((0, 0, -1), -2)])
    assert result.pieces.lengths.tolist() == [9]
    assert result.inside.tolist() == [False]


def test_empty():
    lm = encode(np.zeros((2, 3, 4), dtype=np.uint8), EYE)
    assert len(cut(lm, HalfSpace((0, 0, 1), 0)).pieces) == 0


@pytest.mark.parametrize(
    ("normal", "offset"), [((0, 0, 0), 1), ((np.nan, 0, 1), 0), ((1, 0, 0), np.inf)]
)
def test_a_plane_needs_a_finite_normal(normal, offset):
    with pytest.raises(ValueError, match="finite normal"):
        HalfSpace(normal, offset)
