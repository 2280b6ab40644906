"""How many voxels a label has at each index of an array axis; exact medians from that."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.labelmap import LabelMap, Labels
from vesalius.engine.measure import check_groups
from vesalius.engine.runs import Pieces, coordinates


def index_histogram(labelmap: LabelMap, axis: int) -> tuple[Labels, NDArray[np.int64]]:
    """Count the voxels of every label at every index of an array axis.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    axis : int
        Array axis, 0..2.

    Returns
    -------
    label : ndarray of uint16, shape (n,)
        The labels that are present, ascending.
    counts : ndarray of int64, shape (n, shape[axis])
        Voxels of each label at each index.
    """
    present = labelmap.labels()
    row = np.zeros(labelmap.largest + 1, dtype=np.int64)
    row[present] = np.arange(present.size)
    return present, group_histogram(labelmap, row[labelmap.label], present.size, axis)


def group_histogram(
    runs: LabelMap | Pieces, group_of_run: ArrayLike, n: int, axis: int
) -> NDArray[np.int64]:
    """Count the voxels of groups of runs at every index of an array axis.

    Parameters
    ----------
    runs : LabelMap or Pieces
        The runs.
    group_of_run : array_like of int, shape (number of runs,)
        Group 0..n-1 of each run, -1 for a run of no group.
    n : int
        Number of groups.
    axis : int
        Array axis, 0..2.

    Returns
    -------
    ndarray of int64, shape (n, shape[axis])

    Raises
    ------
    ValueError
        If there is not one group for each run or a group is outside -1..n-1.
    """
    group = check_groups(runs, group_of_run, n).astype(np.int64)
    width = runs.grid.shape[axis]
    where = coordinates(runs)
    chosen = group >= 0
    if axis == runs.axes[0]:
        # A run adds one from its begin on and takes it away from its end on.
        first = group * (width + 1)
        rises = np.bincount((first + where.begin)[chosen], minlength=n * (width + 1))
        falls = np.bincount((first + where.end)[chosen], minlength=n * (width + 1))
        steps = (rises - falls).reshape(n, width + 1)
        return np.cumsum(steps[:, :width], axis=1, dtype=np.int64)
    index = where.middle if axis == runs.axes[1] else where.slow
    cell = (group * width + index)[chosen]
    # The weights are whole numbers and their sums stay below 2**53: exact.
    sums = np.bincount(cell, weights=runs.lengths[chosen], minlength=n * width)
    return sums.astype(np.int64).reshape(n, width)


def histogram_median(counts: ArrayLike) -> NDArray[np.float64]:
    """Return the median index of each row of an index histogram, shape (n,).

    The mean of the two middle ones for an even number of voxels, as numpy.median gives; NaN
    for an empty row.
    """
    table = np.asarray(counts, dtype=np.int64)
    total = table.sum(axis=1)
    below = np.cumsum(table, axis=1)
    lower = (below > ((total - 1) // 2)[:, np.newaxis]).argmax(axis=1)
    upper = (below > (total // 2)[:, np.newaxis]).argmax(axis=1)
    return np.where(total > 0, (lower + upper) / 2, np.nan)
