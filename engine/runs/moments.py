"""How the voxels of labels spread around their centre, without voxels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import coordinates
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap, Labels
from vesalius.engine.runs.measure import measure, sort_groups

_BOX = 12
"""The points of a voxel spread by one twelfth around its centre, along each axis, in voxels."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Second moments of labels, one row each.

    Parameters
    ----------
    grid : Grid
        Affine that the indices refer to.
    label : ndarray of uint16, shape (n,)
        The labels, ascending.
    voxels : ndarray of int64, shape (n,)
        Number of voxels.
    index_sum : ndarray of int64, shape (n, 3)
        Sums of the voxel indices i, j, k; exact.
    index_product : ndarray of int64, shape (n, 3, 3)
        Sums of the products of two voxel indices of one voxel; exact.
    """

    grid: Grid
    label: Labels
    voxels: NDArray[np.int64]
    index_sum: NDArray[np.int64]
    index_product: NDArray[np.int64]

    def spread_mm2(self, row: int) -> NDArray[np.float64]:
        """Return the covariance of all points of a label's voxels (boxes, not their centres).

        Parameters
        ----------
        row : int
            Which of the labels.

        Returns
        -------
        ndarray of float, shape (3, 3)
            In mm², along x, y, z (RAS+).
        """
        n, total = int(self.voxels[row]), self.index_sum[row].tolist()
        product = self.index_product[row].tolist()
        spread = np.empty((3, 3))
        for one in range(3):
            for other in range(3):
                # Whole numbers until the end: the difference of two large ones is small.
                above, below = n * product[one][other] - total[one] * total[other], n * n
                if one == other:
                    above, below = _BOX * above + below, _BOX * below
                spread[one, other] = above / below
        matrix = self.grid.affine[:3, :3]
        return np.asarray(matrix @ spread @ matrix.T)


def moments(labelmap: LabelMap) -> Moments:
    """Add up the index products of every label that is present, each run in closed form."""
    found = measure(labelmap)
    row = np.zeros(labelmap.largest + 1, dtype=np.int64)
    row[found.label] = np.arange(len(found))
    product = np.zeros((len(found), 3, 3), dtype=np.int64)
    if len(found):
        order, _, offsets = sort_groups(row[labelmap.label], len(found))
        where = coordinates(labelmap)
        fast, middle, slow = labelmap.axes
        begin, end = where.begin.astype(np.int64), where.end.astype(np.int64)
        length = end - begin
        at = {middle: where.middle.astype(np.int64), slow: where.slow.astype(np.int64)}
        # begin + ... + (end - 1), and the same of their squares.
        first = (begin + end - 1) * length // 2
        square = _squares_below(end) - _squares_below(begin)
        for one, other in combinations_with_replacement(range(3), 2):
            if one == other == fast:
                of_run = square
            elif fast in (one, other):
                of_run = first * at[other if one == fast else one]
            else:
                of_run = length * at[one] * at[other]
            added = np.add.reduceat(of_run[order], offsets)
            product[:, one, other] = product[:, other, one] = added
    label = found.label.astype(np.uint16)
    return Moments(labelmap.grid, label, found.voxels, found.index_sum, product)


def _squares_below(n: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0² + 1² + ... + (n - 1)²."""
    return (n - 1) * n * (2 * n - 1) // 6
