"""Which of some structures each of some others comes nearest to."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.apart import away_by_group_mm, least_away_mm
from vesalius.engine.runs.distance import bound_mm
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.outermost import outermost, voxels_mm
from vesalius.engine.runs.projection import settled
from vesalius.engine.runs.reach import MARGIN_MM, within_reach


def nearest_labels(
    groups: LabelMap, others: LabelMap, reach_mm: float
) -> Mapping[int, tuple[int, ...]]:
    """Return the labels that each group comes nearest to, by voxel centres.

    Parameters
    ----------
    groups, others : LabelMap
        Two maps on one grid that share no voxel.
    reach_mm : float
        A group whose nearest voxel is further away is left out; compared to 1e-6 mm.

    Returns
    -------
    mapping of int to tuple of int
        By label of `groups`, labels of `others`, ascending: mostly one; several where they are
        equally near.
    """
    near_mm = min(reach_mm, _bound_mm(groups, others))
    theirs = within_reach(others, groups, near_mm)
    mine = within_reach(groups, theirs, near_mm)
    if not len(mine) or not len(theirs):
        return {}
    # A voxel inside its group, or among voxels of its own label alone, is nearest to none.
    here, there = outermost(mine, mine.label), outermost(theirs, theirs.label)
    at_mm, there_mm = voxels_mm(mine, here.position), voxels_mm(theirs, there.position)
    group, label = mine.label[here.run], theirs.label[there.run].astype(np.int64)
    of = np.unique(group, return_inverse=True)[1].reshape(-1).astype(np.int64)
    apart_mm = away_by_group_mm(there_mm, at_mm, of, near_mm + MARGIN_MM, 2 * MARGIN_MM)
    found = {}
    for number in distinct(group[np.isfinite(apart_mm)]).tolist():
        own = np.flatnonzero(group == number)
        least_mm = float(apart_mm[own].min())
        if settled(least_mm) > reach_mm:
            continue
        nearest = own[apart_mm[own] <= least_mm + MARGIN_MM]
        found[number] = _at(at_mm[nearest], least_mm, there_mm, label)
    return found


def _bound_mm(groups: LabelMap, others: LabelMap) -> float:
    """Return how far the nearest voxel of the others is from a single group, or more."""
    if not len(groups) or not len(others) or (groups.label != groups.label[0]).any():
        return math.inf
    return bound_mm(groups, others)


def _at(
    points_mm: NDArray[np.float64],
    least_mm: float,
    there_mm: NDArray[np.float64],
    label: NDArray[np.int64],
) -> tuple[int, ...]:
    """Return the labels that some points are just so far from."""
    reach_mm = least_mm + MARGIN_MM
    low, high = points_mm.min(axis=0) - reach_mm, points_mm.max(axis=0) + reach_mm
    inside = np.ones(len(there_mm), dtype=bool)
    for axis in range(3):
        inside &= (there_mm[:, axis] >= low[axis]) & (there_mm[:, axis] <= high[axis])
    near = np.flatnonzero(inside)
    met = []
    for number in distinct(label[near]).tolist():
        theirs_mm = there_mm[near[label[near] == number]]
        away = least_away_mm(theirs_mm, points_mm, reach_mm)
        if math.isfinite(away) and settled(away) <= settled(least_mm):
            met.append(number)
    return tuple(met)
