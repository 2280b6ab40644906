"""Which of some structures each of some others comes nearest to."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.apart import away_by_group_mm
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
    least_mm = np.full(int(of.max()) + 1, math.inf)
    np.minimum.at(least_mm, of, apart_mm)
    near = np.isfinite(least_mm)
    near[near] = settled(least_mm[near]) <= reach_mm
    rows = np.flatnonzero(near[of] & (apart_mm <= least_mm[of] + MARGIN_MM))
    found: dict[int, tuple[int, ...]] = dict.fromkeys(distinct(group[rows]).tolist(), ())
    order = np.argsort(label, kind="stable")
    names, first = np.unique(label[order], return_index=True)
    # All groups at once: one after the other, the time would grow with the square of their number.
    for number, places_mm in zip(names.tolist(), np.split(there_mm[order], first[1:]), strict=True):
        met = _just_so_far(places_mm, at_mm[rows], of[rows], least_mm)
        for meeting in distinct(group[rows[met]]).tolist():
            found[meeting] += (number,)
    return found


def _bound_mm(groups: LabelMap, others: LabelMap) -> float:
    """Return how far the nearest voxel of the others is from a single group, or more."""
    if not len(groups) or not len(others) or (groups.label != groups.label[0]).any():
        return math.inf
    return bound_mm(groups, others)


def _just_so_far(
    places_mm: NDArray[np.float64],
    points_mm: NDArray[np.float64],
    group: NDArray[np.int64],
    least_mm: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell which points are no further from some places than the least distance of their group."""
    limit_mm = float(least_mm[group].max(initial=0.0)) + MARGIN_MM
    away = away_by_group_mm(places_mm, points_mm, group, limit_mm, MARGIN_MM, least_mm)
    met = np.isfinite(away)
    met[met] = settled(away[met]) <= settled(least_mm[group[met]])
    return met
