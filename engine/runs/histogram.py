"""How many voxels a label has at each index of an array axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs.build import Pieces, coordinates
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import check_groups


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
