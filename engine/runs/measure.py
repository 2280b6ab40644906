"""Voxel counts, boxes and centres of labels and of groups of runs, without voxels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.build import Pieces, coordinates
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap

# Positions closer than this are equal where an order is decided.
MICRON_MM = 1e-6
PHASE = 0.2817
"""So far the units that positions are rounded to are set off, in units."""


@dataclass(frozen=True, eq=False)
class Measures:
    """Measures of labels or groups, one row each.

    Parameters
    ----------
    grid : Grid
        Shape and affine that the indices refer to.
    label : ndarray of int, shape (n,)
        The labels, ascending; or the group numbers 0..n-1.
    voxels : ndarray of int64, shape (n,)
        Number of voxels.
    box_lo, box_hi : ndarray of int64, shape (n, 3)
        Smallest voxel index i, j, k and one more than the largest; all 0 for an empty group.
    index_sum : ndarray of int64, shape (n, 3)
        Sums of the voxel indices i, j, k; exact.
    """

    grid: Grid
    label: NDArray[np.integer[Any]]
    voxels: NDArray[np.int64]
    box_lo: NDArray[np.int64]
    box_hi: NDArray[np.int64]
    index_sum: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.voxels.size

    @property
    def at_border(self) -> NDArray[np.bool_]:
        """Whether each reaches some face of the grid, shape (n,)."""
        return np.asarray(self.on_border.any(axis=(1, 2)))

    def take(self, rows: slice | NDArray[Any]) -> Measures:
        """Return some rows, by slice, mask or number."""
        return Measures(
            self.grid,
            self.label[rows],
            self.voxels[rows],
            self.box_lo[rows],
            self.box_hi[rows],
            self.index_sum[rows],
        )

    def numbered(self) -> Measures:
        """Return the same of groups 0..n-1."""
        return replace(self, label=np.arange(len(self)))

    def pooled(self, first: NDArray[np.integer[Any]], label: NDArray[np.integer[Any]]) -> Measures:
        """Return one row for each stretch of rows, as if its voxels were of one label.

        Parameters
        ----------
        first : ndarray of int, shape (m,)
            The first row of each stretch, ascending; all rows from `first[0]` on are in one.
        label : ndarray of int, shape (m,)
            What the stretches are of.
        """
        if not first.size:
            return replace(self.take(slice(0, 0)), label=label)
        return Measures(
            self.grid,
            label,
            np.add.reduceat(self.voxels, first),
            np.minimum.reduceat(self.box_lo, first),
            np.maximum.reduceat(self.box_hi, first),
            np.add.reduceat(self.index_sum, first),
        )

    @cached_property
    def centre_ijk(self) -> NDArray[np.float64]:
        """Centroids as voxel indices, shape (n, 3); NaN for an empty group."""
        centre = np.full(self.index_sum.shape, np.nan)
        voxels = self.voxels[:, np.newaxis]
        np.divide(self.index_sum, voxels, out=centre, where=voxels > 0)
        return centre

    @cached_property
    def centre_mm(self) -> NDArray[np.float64]:
        """Centroids as patient positions in mm, RAS+, shape (n, 3); NaN for an empty group."""
        return to_mm(self.grid, self.centre_ijk)

    @property
    def volume_ml(self) -> NDArray[np.float64]:
        """Volumes in millilitres, shape (n,)."""
        return np.asarray(self.voxels * self.grid.voxel_ml, dtype=np.float64)

    @property
    def on_border(self) -> NDArray[np.bool_]:
        """Whether each row touches each grid face, shape (n, 3, 2): axis i, j, k by low, high."""
        low = self.box_lo == 0
        high = self.box_hi == np.array(self.grid.shape)
        touches = np.stack((low, high), axis=2)
        return np.asarray(touches & (self.voxels > 0)[:, np.newaxis, np.newaxis])


def measure(labelmap: LabelMap) -> Measures:
    """Measure every label that is present, in ascending order."""
    present = labelmap.labels()
    row = np.zeros(labelmap.largest + 1, dtype=np.int32)
    row[present] = np.arange(present.size, dtype=np.int32)
    rows = measure_groups(labelmap, row[labelmap.label], present.size)
    return Measures(rows.grid, present, rows.voxels, rows.box_lo, rows.box_hi, rows.index_sum)


def measure_groups(runs: LabelMap | Pieces, group_of_run: ArrayLike, n: int) -> Measures:
    """Measure groups of runs.

    Parameters
    ----------
    runs : LabelMap or Pieces
        The runs.
    group_of_run : array_like of int, shape (number of runs,)
        Group 0..n-1 of each run, -1 for a run of no group.
    n : int
        Number of groups; groups may be empty.

    Returns
    -------
    Measures

    Raises
    ------
    ValueError
        If there is not one group for each run or a group is outside -1..n-1.
    """
    group = check_groups(runs, group_of_run, n)
    voxels = np.zeros(n, dtype=np.int64)
    box_lo, box_hi, index_sum = (np.zeros((n, 3), dtype=np.int64) for _ in range(3))
    if kernels.compiled is not None:
        found = [np.empty(3 * n, dtype=np.int64) for _ in range(3)]
        wide = np.int64 if group.dtype.itemsize > 2 and group.dtype != np.int32 else np.int32
        columns = (np.ascontiguousarray(side) for side in (runs.start, runs.stop))
        shape = tuple(runs.grid.shape[axis] for axis in runs.axes)
        kernels.compiled.measure(*columns, np.ascontiguousarray(group, wide), shape, voxels, *found)
        for column, rows in zip((box_lo, box_hi, index_sum), found, strict=True):
            column[:, runs.axes] = rows.reshape(n, 3)
        return Measures(runs.grid, np.arange(n), voxels, box_lo, box_hi, index_sum)
    order, present, offsets = sort_groups(group, n)
    if present.size:
        where = coordinates(runs)
        length = runs.lengths[order].astype(np.int64)
        voxels[present] = np.add.reduceat(length, offsets)
        fast, middle, slow = runs.axes
        begin, end = where.begin[order], where.end[order]
        box_lo[present, fast] = np.minimum.reduceat(begin, offsets)
        box_hi[present, fast] = np.maximum.reduceat(end, offsets)
        # begin + ... + (end - 1): the product is even, so the half is exact.
        twice = (begin.astype(np.int64) + end - 1) * length
        index_sum[present, fast] = np.add.reduceat(twice, offsets) // 2
        for axis, index in ((middle, where.middle), (slow, where.slow)):
            sorted_index = index[order]
            box_lo[present, axis] = np.minimum.reduceat(sorted_index, offsets)
            box_hi[present, axis] = np.maximum.reduceat(sorted_index, offsets) + 1
            index_sum[present, axis] = np.add.reduceat(sorted_index * length, offsets)
    return Measures(runs.grid, np.arange(n), voxels, box_lo, box_hi, index_sum)


def check_groups(
    runs: LabelMap | Pieces, group_of_run: ArrayLike, n: int
) -> NDArray[np.integer[Any]]:
    """Return the groups as an array.

    Raises
    ------
    TypeError
        If the groups are not integers.
    ValueError
        If there is not one group for each run or a group is outside -1..n-1.
    """
    group = np.asarray(group_of_run)
    if not group.size:
        group = group.astype(np.intp)
    if group.dtype.kind not in "ui":
        raise TypeError(f"groups must be integers, not {group.dtype}")
    if group.shape != runs.start.shape:
        raise ValueError(f"{len(runs)} runs need {len(runs)} groups, not {group.size}")
    if group.size and (group.min() < -1 or group.max() >= n):
        raise ValueError(f"groups must be within -1..{n - 1}")
    return group


def sort_groups(
    group: NDArray[np.integer[Any]], n: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Sort runs by group.

    Parameters
    ----------
    group : ndarray of int, shape (m,)
        Group 0..n-1, or -1 for runs to leave out.
    n : int
        Number of groups.

    Returns
    -------
    order : ndarray of intp
        The runs that are in a group, by group, within it in their own order.
    present : ndarray of intp
        The groups that are not empty.
    offsets : ndarray of intp
        Where each of those begins in `order`.
    """
    # Wide enough for the largest group of any integer type.
    shifted = group.astype(np.int64) + 1
    # numpy sorts 16-bit integers by radix, several times faster than wider ones.
    keys = shifted.astype(np.uint16) if n < 2**16 else shifted
    counts = np.bincount(shifted, minlength=n + 1)
    order = np.argsort(keys, kind="stable")[counts[0] :]
    present = np.flatnonzero(counts[1:])
    offsets = np.cumsum(counts[1:])[present] - counts[1:][present]
    return order, present, offsets


def first_position(runs: LabelMap | Pieces, group_of_run: ArrayLike, n: int) -> NDArray[np.int64]:
    """Return each group's first voxel in the order of x, then y, then z.

    Parameters
    ----------
    runs, group_of_run, n
        As in :func:`measure_groups`.

    Returns
    -------
    ndarray of int64, shape (n, 3)
        Patient position (RAS+) in units of 1e-6 mm; the largest integer for an empty group.
        It does not depend on the order or direction of the array axes.
    """
    group = check_groups(runs, group_of_run, n)
    chosen = np.flatnonzero(group >= 0)
    # A run is straight, so its first voxel is one of its ends.
    group = np.tile(group[chosen], 2)
    position = in_microns(to_mm(runs.grid, run_ends(runs, chosen).reshape(-1, 3)))
    first = np.full((n, 3), np.iinfo(np.int64).max)
    for axis in range(3):
        np.minimum.at(first[:, axis], group, position[:, axis])
        rest = position[:, axis] == first[group, axis]
        position, group = position[rest], group[rest]
    return first


def to_mm(grid: Grid, ijk: NDArray[Any]) -> NDArray[np.float64]:
    """Map voxel indices, shape (n, 3), to mm: each row alike, whichever rows it is among.

    A matrix product may round the same row differently in another company.
    """
    i, j, k = (ijk[:, axis, np.newaxis] for axis in range(3))
    matrix = grid.affine[:3]
    return np.asarray(
        i * matrix[:, 0] + j * matrix[:, 1] + k * matrix[:, 2] + matrix[:, 3], dtype=np.float64
    )


def in_microns(xyz_mm: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round positions in mm to whole units of 1e-6 mm, so that equal ones compare equal.

    The grid of units is set off by an odd fraction: centroids often fall on halves of a unit,
    where the last bit would decide.
    """
    return np.rint(xyz_mm / MICRON_MM + PHASE).astype(np.int64)


def run_ends(runs: LabelMap | Pieces, chosen: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return the voxel indices i, j, k of the first and the last voxel of runs, shape (2, n, 3).

    A coordinate is linear along a run, so the extremes of its voxels are among these.
    """
    where = coordinates(runs)
    fast, middle, slow = runs.axes
    ijk = np.empty((2, chosen.size, 3), dtype=np.int64)
    ijk[0, :, fast] = where.begin[chosen]
    ijk[1, :, fast] = where.end[chosen] - 1
    ijk[:, :, middle] = where.middle[chosen]
    ijk[:, :, slow] = where.slow[chosen]
    return ijk
