"""Bringing labels onto another grid: exact wherever the voxels coincide."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.files.align import GRID_TOLERANCE_VOXELS, align_labels
from vesalius.engine.runs.grid import Grid

ORIENTATIONS = [
    (axes, flips)
    for axes in itertools.permutations(range(3))
    for flips in itertools.product((False, True), repeat=3)
]


def at(labels, grid, points):
    """Labels at patient positions, 0 outside; by brute force."""
    index = np.rint(grid.to_ijk(points)).astype(int)
    inside = np.all((index >= 0) & (index < grid.shape), axis=-1)
    result = np.zeros(len(points), labels.dtype)
    result[inside] = labels[tuple(index[inside].T)]
    return result


def centres(grid):
    return grid.to_mm(np.indices(grid.shape).reshape(3, -1).T)


@pytest.mark.parametrize(("axes", "flips"), ORIENTATIONS)
def test_all_orientations_are_exact(labels, affine, reorient, axes, flips):
    target = Grid(labels.shape, affine)
    turned, grid = reorient(labels, target, axes, flips)
    result = align_labels(turned, grid, target, path="x")
    assert np.array_equal(result.array, labels)
    same = axes == (0, 1, 2) and not any(flips)
    assert result.how == ("same" if same else "reoriented")
    assert result.array.flags.f_contiguous
    assert not result.array.flags.writeable
    assert (result.lo, result.hi, result.diagnostics) == ((0, 0, 0), labels.shape, ())


@settings(deadline=None, max_examples=150)
@given(
    orientation=st.sampled_from(ORIENTATIONS),
    shift=st.tuples(*[st.integers(-4, 4)] * 3),
    shape=st.tuples(*[st.integers(1, 8)] * 3),
    size=st.tuples(*[st.integers(5, 8)] * 3),
    seed=st.integers(0, 999),
)
def test_other_field_of_view_is_exact(affine, reorient, *, orientation, shift, shape, size, seed):
    labels = np.random.default_rng(seed).integers(0, 4, size).astype(np.uint8)
    source = Grid(size, affine)
    moved = affine.copy()
    moved[:3, 3] = source.to_mm(shift)
    target = Grid(shape, moved)
    expected = at(labels, source, centres(target)).reshape(shape)
    box = [(max(0, -s), min(n, m - s)) for s, n, m in zip(shift, shape, size, strict=True)]
    turned, grid = reorient(labels, source, *orientation)
    if shape == size and any(shift):
        with pytest.raises(Exception, match="IO045"):
            align_labels(turned, grid, target, path="x")
        return
    if sorted(shape) == sorted(size) and shape != size:
        # The same sizes in another order are no crop.
        with pytest.raises(Exception, match="IO040"):
            align_labels(turned, grid, target, path="x")
        return
    if any(a >= b for a, b in box):
        with pytest.raises(Exception, match="IO042"):
            align_labels(turned, grid, target, path="x")
        return
    result = align_labels(turned, grid, target, path="x")
    assert np.array_equal(result.array, expected)
    assert (result.lo, result.hi) == tuple(zip(*box, strict=True))
    if shape == size and shift == (0, 0, 0):
        assert (result.how != "shifted", result.diagnostics) == (True, ())
        return
    assert result.how == "shifted"
    (told,) = result.diagnostics
    cut = np.count_nonzero(labels) - np.count_nonzero(expected)
    assert (told.code, told.severity) == ("IO043", "warning" if cut else "info")
    share = np.prod([b - a for a, b in box]) / target.size
    assert f"cover {'all' if share == 1 else f'{share:.1%}'} of the image" in told.message
    assert (f"; {cut} labelled voxel" in told.message) == (cut > 0)
    lost = np.setdiff1d(labels, expected)
    named = ", ".join(str(label) for label in lost if label)
    assert told.message.endswith(named) if named else "all of label" not in told.message


def test_same_grid_is_not_copied(labels, affine):
    stored = np.asfortranarray(labels)
    grid = Grid(labels.shape, affine)
    result = align_labels(stored, grid, grid, path="x")
    assert np.shares_memory(result.array, stored)
    assert stored.flags.writeable


def test_rounded_headers_are_the_same_grid(labels, affine):
    rounded = Grid(labels.shape, affine.astype(np.float32) + np.float32(1e-5))
    result = align_labels(labels, rounded, Grid(labels.shape, affine), path="x")
    assert result.how == "same"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_tolerance_is_a_share_of_the_smallest_voxel_edge(labels, affine, codes, axis):
    target = Grid(labels.shape, affine)
    for share, fine in ((0.9, True), (1.1, False)):
        moved = affine.copy()
        moved[axis, 3] += share * GRID_TOLERANCE_VOXELS * 0.75
        source = Grid(labels.shape, moved)
        if fine:
            assert align_labels(labels, source, target, path="x").how == "same"
        else:
            assert codes(align_labels, labels, source, target, path="x") == ["IO040"]
            result = align_labels(labels, source, target, path="x", resample=True)
            assert result.how == "resampled"
            assert np.array_equal(result.array, labels)
            assert [d.code for d in result.diagnostics] == ["IO041"]


def test_a_drift_over_the_volume_counts(codes):
    """Spacings that differ by little are another grid once the far end has moved."""
    labels = np.ones((400, 2, 2), np.uint8)
    target = Grid(labels.shape, np.eye(4))
    for step, fine in ((1.0002, True), (1.002, False)):
        source = Grid(labels.shape, np.diag([step, 1, 1, 1]))
        if fine:
            assert align_labels(labels, source, target, path="x").how == "same"
        else:
            assert codes(align_labels, labels, source, target, path="x") == ["IO040"]


def test_turned_by_an_eighth_is_another_grid(labels, codes):
    half = np.sqrt(0.5)
    turned = np.eye(4)
    turned[:2, :2] = [[half, -half], [half, half]]
    source, target = Grid(labels.shape, turned), Grid(labels.shape, np.eye(4))
    assert codes(align_labels, labels, source, target, path="x") == ["IO040"]


def test_grids_far_apart_are_refused_even_when_resampling(labels, affine, codes):
    far = affine.copy()
    far[:3, 3] += 500.3
    source, target = Grid(labels.shape, far), Grid(labels.shape, affine)
    assert codes(align_labels, labels, source, target, path="x", resample=True) == ["IO042"]


@pytest.mark.parametrize("resample", [False, True])
def test_equal_shapes_at_two_origins_are_a_lost_origin(labels, affine, codes, resample):
    far = affine.copy()
    far[:3, 3] = affine[:3, :3] @ [1, 0, 2] + affine[:3, 3]
    source, target = Grid(labels.shape, far), Grid(labels.shape, affine)
    assert codes(align_labels, labels, source, target, path="x", resample=resample) == ["IO045"]


def test_labels_of_the_shape_of_the_image_are_trusted_only_where_it_is_asked(labels, affine, codes):
    turned = affine.copy()
    turned[:3, :2] = np.round(affine[:3, :2], 1)
    moved = affine.copy()
    moved[:3, 3] += affine[:3, 0]
    target = Grid(labels.shape, affine)
    for where, code in ((turned, "IO040"), (moved, "IO045")):
        source = Grid(labels.shape, where)
        assert codes(align_labels, labels, source, target, path="x") == [code]
        placed = align_labels(labels, source, target, path="x", trust=True)
        assert placed.how == "trusted"
        assert np.array_equal(placed.array, labels)
        (told,) = placed.diagnostics
        assert (told.code, told.severity) == ("IO046", "warning")
        assert told.message.endswith(f"up to {source.offset_mm(target):.3g} mm off")


def test_trust_leaves_alone_what_its_own_header_places(labels, affine, reorient, codes):
    target = Grid(labels.shape, affine)
    turned, grid = reorient(labels, target, (0, 1, 2), (True, False, True))
    placed = align_labels(turned, grid, target, path="x", trust=True)
    assert placed.how == "reoriented"
    assert np.array_equal(placed.array, labels)
    smaller = Grid((4, *labels.shape[1:]), affine + 0.2 * np.eye(4, k=3))
    assert codes(align_labels, labels[:4], smaller, target, path="x", trust=True) == ["IO040"]


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_axes_in_another_order_are_told_of(shift):
    target = Grid((4, 5, 6), np.eye(4))
    source = Grid((6, 5, 4), np.diag([1.0, 1, 1, 1]) + shift * np.eye(4, k=3))
    with pytest.raises(Exception, match="IO040") as raised:
        align_labels(np.zeros((6, 5, 4), np.uint8), source, target, path="x")
    assert "numpy.transpose" in raised.value.diagnostics[0].help
