"""How many voxel neighbours two groups of runs share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.adjacency import inside_grid, overlaps, steps
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import check_groups

# Up to this many possible pairs are counted in a table, more by sorting.
_TABLE = 1 << 20


class Contacts(NamedTuple):
    """Contacts between pairs of groups, sorted by `a`, then `b`.

    Parameters
    ----------
    a, b : ndarray of int64, shape (n,)
        The two groups, a < b; 0 is the background.
    faces : ndarray of int64, shape (n,)
        Number of pairs of neighbouring voxels, one of each: shared voxel faces at
        connectivity 6, with the shared edges at 18 and corners at 26 counted as well.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    faces: NDArray[np.int64]


def group_contacts(labelmap: LabelMap, group_of_run: ArrayLike, connectivity: int = 6) -> Contacts:
    """Count the neighbouring voxels of every two groups of runs.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    group_of_run : array_like of int, shape (number of runs,)
        Group of each run, for example its component + 1; 0 counts as background.
    connectivity : int
        6, 18 or 26 neighbours.

    Returns
    -------
    Contacts

    Raises
    ------
    ValueError
        If there is not one group for each run, a group is negative, or `connectivity` is not
        6, 18 or 26.
    """
    group = check_groups(labelmap, group_of_run, np.iinfo(np.int64).max)
    if group.size and group.min() < 0:
        raise ValueError("groups must not be negative; 0 is the background")
    chosen = np.flatnonzero(group)
    start, stop = labelmap.start[chosen], labelmap.stop[chosen]
    present, row = _rows(group[chosen])
    shape = labelmap.shape_in_memory
    steps(connectivity)  # raises for what is no connectivity
    if kernels.compiled is not None:
        found = kernels.compiled.contacts(start, stop, row, present.size, shape, connectivity)
        pair, faces = (np.frombuffer(column, dtype=np.int64) for column in found)
        order = np.argsort(pair)
        a, b = np.divmod(pair[order], present.size)
        return Contacts(present[a], present[b], faces[order])
    total = _PairCounts(present.size)
    for step in steps(connectivity):
        pairs = overlaps(start, stop, shape, step)
        total.add(row[pairs.one], row[pairs.other], pairs.voxels)
        # A neighbour within the grid that no run covers is background, ahead and behind.
        ahead = inside_grid(start, stop, shape, step)
        ahead -= _sums(pairs.one, pairs.voxels, ahead.size)
        behind = inside_grid(start, stop, shape, (-step[0], -step[1], -step[2]))
        behind -= _sums(pairs.other, pairs.voxels, behind.size)
        total.add(np.zeros_like(row), row, ahead + behind)
    a, b, faces = total.result()
    return Contacts(present[a], present[b], faces)


def _rows(group: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the groups, 0 before all, and the place of each run's group among them."""
    if group.max(initial=0) < _TABLE:
        seen = np.bincount(group, minlength=1) > 0
        seen[0] = True
        return np.flatnonzero(seen).astype(np.int64), (np.cumsum(seen) - 1)[group]
    present, row = np.unique(group, return_inverse=True)
    return np.concatenate(([0], present)).astype(np.int64), row.astype(np.int64) + 1


def _sums(run: NDArray[np.int32], voxels: NDArray[np.int64], runs: int) -> NDArray[np.int64]:
    """Sum voxels by run; whole numbers far below 2**53, so the float sums are exact."""
    return np.bincount(run, weights=voxels, minlength=runs).astype(np.int64)


class _PairCounts:
    """Sums of voxel neighbours by unordered pair of rows."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._pair = np.empty(0, dtype=np.int64)
        self._faces = np.empty(0, dtype=np.int64)

    def add(
        self, one: NDArray[np.int64], other: NDArray[np.int64], faces: NDArray[np.int64]
    ) -> None:
        """Add neighbours; pairs of one row with itself are no contact."""
        kept = np.flatnonzero((one != other) & (faces > 0))
        one, other = one[kept], other[kept]
        pair = np.minimum(one, other) * self._rows + np.maximum(one, other)
        # Summed at once, so that what is kept grows with the pairs and not with the runs.
        self._pair, self._faces = self._summed(
            np.concatenate((self._pair, pair)), np.concatenate((self._faces, faces[kept]))
        )

    def _summed(
        self, pair: NDArray[np.int64], faces: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self._rows**2 <= _TABLE:
            # Whole numbers far below 2**53: the floating-point sums are exact.
            sums = np.bincount(pair, weights=faces, minlength=1)
            seen = np.flatnonzero(sums)
            return seen.astype(np.int64), sums[seen].astype(np.int64)
        order = np.argsort(pair)
        pair = pair[order]
        first = np.flatnonzero(np.diff(pair, prepend=-1))
        if not first.size:
            return pair, faces
        return pair[first], np.add.reduceat(faces[order], first)

    def result(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return lower row, higher row and sum of every pair, sorted."""
        return self._pair // self._rows, self._pair % self._rows, self._faces
