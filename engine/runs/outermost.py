"""The voxels of a set that may be nearest to another set: those with a neighbour outside it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import Pieces
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap, Positions
from vesalius.engine.runs.ranges import ranges


class Voxels(NamedTuple):
    """Some voxels of runs.

    Parameters
    ----------
    position : ndarray of int32 or int64, shape (m,)
        Flat positions, ascending.
    run : ndarray of intp, shape (m,)
        The run of each.
    """

    position: Positions
    run: NDArray[np.intp]


class _Inner(NamedTuple):
    """Stretches that lie inside on all sides looked at so far, and their runs."""

    start: Positions
    stop: Positions
    run: NDArray[np.intp]


def outermost(
    runs: LabelMap | Pieces, group_of_run: NDArray[np.integer[Any]] | None = None
) -> Voxels:
    """Return the voxels of some sets that may be nearest to a voxel outside their set.

    On a grid whose axes are nearly perpendicular a voxel with all six neighbours in its own set
    never is: one of them is nearer. A few more voxels may be returned.

    Parameters
    ----------
    runs : LabelMap or Pieces
        The sets.
    group_of_run : ndarray of int, shape (number of runs,), optional
        The set of each run; by default they are all one.
    """
    start, stop = runs.start, runs.stop
    begin, end = start, stop
    if _nearly_perpendicular(runs.grid):
        inner = _inner(runs, group_of_run)
        # What is left of the runs begins where they do and where something inner ends.
        begin = np.sort(np.concatenate((start, inner.stop)), kind="stable")
        end = np.sort(np.concatenate((inner.start, stop)), kind="stable")
        left = np.flatnonzero(end > begin)
        begin, end = begin[left], end[left]
    of_run = np.searchsorted(start, begin, side="right") - 1
    length = end - begin
    return Voxels(ranges(begin, length), np.repeat(of_run, length))


def voxels_mm(runs: LabelMap | Pieces, position: Positions) -> NDArray[np.float64]:
    """Return the centres of voxels in mm, RAS+, by their flat positions, shape (m, 3)."""
    shape, (fast, middle, slow) = runs.grid.shape, runs.axes
    line = position // position.dtype.type(shape[fast])
    layer = line // position.dtype.type(shape[middle])
    index = {
        fast: position - line * position.dtype.type(shape[fast]),
        middle: line - layer * position.dtype.type(shape[middle]),
        slow: layer,
    }
    i, j, k = (index[axis].astype(np.float64) for axis in range(3))
    xyz_mm = np.empty((position.size, 3), dtype=np.float64)
    # Column by column: a product of so narrow matrices takes several times as long.
    for axis, (along_i, along_j, along_k, offset) in enumerate(runs.grid.affine[:3].tolist()):
        xyz_mm[:, axis] = i * along_i + j * along_j + k * along_k + offset
    return xyz_mm


def _inner(runs: LabelMap | Pieces, group: NDArray[np.integer[Any]] | None) -> _Inner:
    """Return the voxels with all six neighbours in their own set."""
    fast, middle, slow = (runs.grid.shape[axis] for axis in runs.axes)
    kind = runs.start.dtype.type
    line = runs.start // kind(fast)
    layer = line // kind(middle)
    row = line - layer * kind(middle)
    inside = (row > 0) & (row < middle - 1) & (layer > 0) & (layer < slow - 1)
    rows = np.flatnonzero(inside & (runs.stop - runs.start > 2))
    inner = _Inner(runs.start[rows] + kind(1), runs.stop[rows] - kind(1), rows)
    for shift in (fast, -fast, fast * middle, -fast * middle):
        inner = _covered(inner, kind(shift), runs, group)
    return inner


def _covered(
    inner: _Inner,
    shift: np.signedinteger[Any],
    runs: LabelMap | Pieces,
    group: NDArray[np.integer[Any]] | None,
) -> _Inner:
    """Keep what lies in the same set after a step; the step leads nowhere out of the grid."""
    first = np.searchsorted(runs.stop, inner.start + shift, side="right")
    counts = np.searchsorted(runs.start, inner.stop + shift, side="left") - first
    one = np.repeat(np.arange(inner.run.size), counts)
    other = ranges(first, counts)
    if group is not None:
        same = np.flatnonzero(group[inner.run[one]] == group[other])
        one, other = one[same], other[same]
    start = np.maximum(inner.start[one], runs.start[other] - shift)
    stop = np.minimum(inner.stop[one], runs.stop[other] - shift)
    return _Inner(start, stop, inner.run[one])


def _nearly_perpendicular(grid: Grid) -> bool:
    """Tell whether a step along some axis always leads nearer to another lattice point.

    Let n be the steps to that point, v the columns of the affine, c their cosines, and i the axis
    with the largest |n v|. The step is nearer if 2 |sum_j n_j v_j . v_i| > v_i . v_i, which holds
    if the other cosines of row i add up to less than a half.
    """
    columns = grid.affine[:3, :3] / np.linalg.norm(grid.affine[:3, :3], axis=0)
    cosines = np.abs(columns.T @ columns) - np.eye(3)
    return bool(cosines.sum(axis=1).max() < 0.499)
