"""Where groups of runs lie along a patient direction: mean, median and extremes.

The position of a voxel along a direction is one formula in float64,
:func:`vesalius.engine.runs.halfspace.evaluate` of the direction's half-space through the origin.
Results are rounded to 1e-6 mm, so that they are the same in all orientations of the array.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs.build import coordinates
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.halfspace import HalfSpace, evaluate
from vesalius.engine.runs.histogram import group_histogram
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import MICRON_MM, PHASE, Measures, in_microns
from vesalius.engine.runs.median import median
from vesalius.engine.runs.ranges import ranges

Vector = tuple[float, float, float]
Coefficients = tuple[float, float, float, float]

_MICRONS = 1e6


def settled(values: ArrayLike) -> NDArray[np.float64]:
    """Round lengths in mm (or other figures) to 1e-6, the same in all orientations."""
    return np.asarray(in_microns(np.asarray(values, dtype=np.float64)) / _MICRONS)


def settled_one(value: float) -> float:
    """Round one figure as `settled` does many, in a tenth of the time."""
    return round(value / MICRON_MM + PHASE) / _MICRONS


def along(grid: Grid, direction: Vector) -> Coefficients:
    """Return a, b, c, d with the position a i + b j + c k + d in mm along a direction."""
    unit = np.array(direction, dtype=np.float64)
    x, y, z = (float(v) for v in unit / np.linalg.norm(unit))
    return HalfSpace((x, y, z), 0.0).coefficients(grid)


def means_mm(measures: Measures, direction: Vector) -> NDArray[np.float64]:
    """Return the position of each group's centre along a direction, shape (n,)."""
    centre = measures.centre_ijk
    return settled(evaluate(along(measures.grid, direction), *centre.T))


def medians_mm(
    runs: LabelMap, group_of_run: NDArray[np.int32], n: int, direction: Vector
) -> NDArray[np.float64]:
    """Return the median position of each group's voxels along a direction, shape (n,).

    Parameters
    ----------
    runs : LabelMap
        The runs.
    group_of_run : ndarray of int, shape (number of runs,)
        Group 0..n-1 of each run, -1 for a run of no group. No group is empty.
    n : int
        Number of groups.
    direction : tuple of float, shape (3,)
        Patient direction (RAS+), of any length.
    """
    coefficients = along(runs.grid, direction)
    slanted = [axis for axis in range(3) if coefficients[axis] != 0]
    if len(slanted) == 1:
        middle = _along_axis(runs, group_of_run, n, slanted[0], coefficients)
    else:
        middle = _voxelwise(runs, group_of_run, n, coefficients)
    return settled(middle)


def minima_mm(
    runs: LabelMap, group_of_run: NDArray[np.int32], n: int, direction: Vector
) -> NDArray[np.float64]:
    """Return the smallest position of each group's voxels along a direction, shape (n,).

    Parameters are those of :func:`medians_mm`.
    """
    # A position is linear along a run, so the least of a run is at one of its ends.
    coefficients = along(runs.grid, direction)
    where = coordinates(runs)
    last = where.end - 1
    least = np.full(n, np.inf)
    kept = np.flatnonzero(group_of_run >= 0)
    for fast in (where.begin, last):
        ijk = [fast, fast, fast]
        ijk[runs.axes[1]], ijk[runs.axes[2]] = where.middle, where.slow
        np.minimum.at(least, group_of_run[kept], evaluate(coefficients, *ijk)[kept])
    return settled(least)


def _along_axis(
    runs: LabelMap, group: NDArray[np.int32], n: int, axis: int, coefficients: Coefficients
) -> NDArray[np.float64]:
    """Medians where only one array axis matters: from the voxels at each of its indices."""
    counts = group_histogram(runs, group, n, axis)
    total = counts.sum(axis=1)
    below = np.cumsum(counts, axis=1)
    ends = []
    for rank in ((total - 1) // 2, total // 2):
        index = (below > rank[:, np.newaxis]).argmax(axis=1)
        ijk = [np.zeros_like(index)] * 3
        ijk[axis] = index
        ends.append(evaluate(coefficients, *ijk))
    return np.asarray((ends[0] + ends[1]) / 2)


def _voxelwise(
    runs: LabelMap, group: NDArray[np.int32], n: int, coefficients: Coefficients
) -> NDArray[np.float64]:
    """Medians over the voxels, one group at a time."""
    where = coordinates(runs)
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(n + 1))
    middle = np.empty(n)
    for number in range(n):
        rows = order[bounds[number] : bounds[number + 1]]
        length = (where.end - where.begin)[rows]
        along_line = ranges(where.begin[rows], length)
        ijk = [along_line, along_line, along_line]
        ijk[runs.axes[1]] = np.repeat(where.middle[rows], length)
        ijk[runs.axes[2]] = np.repeat(where.slow[rows], length)
        middle[number] = median(evaluate(coefficients, *ijk))
    return middle
