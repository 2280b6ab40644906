"""How far apart two sets of voxels are.

The distance is that of the two nearest voxel centres, one of each set: voxels that share a face
are one voxel spacing apart, not zero.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs.apart import away_mm, least_away_mm
from vesalius.engine.runs.build import Pieces
from vesalius.engine.runs.crop import Box
from vesalius.engine.runs.grid import Grid, plane_spacing_mm
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.outermost import outermost, voxels_mm
from vesalius.engine.runs.projection import settled
from vesalius.engine.runs.reach import MARGIN_MM, Keys, within_reach

_SAMPLE = 500


def diagonal_mm(grid: Grid) -> float:
    """Return the largest distance of the centres of two voxels that share a corner, to 1e-6 mm."""
    corners = np.array(list(itertools.product((-1, 1), repeat=3)))
    return float(settled(np.linalg.norm(corners @ grid.affine[:3, :3].T, axis=1).max()))


def box_distance_mm(
    grid: Grid, one: Box, others: tuple[ArrayLike, ArrayLike]
) -> NDArray[np.float64]:
    """Return a lower bound of the distance of the voxels of a box and those of others.

    Parameters
    ----------
    grid : Grid
        The grid.
    one : tuple of two tuples of int
        A box.
    others : tuple of two array_like of int, shape (..., 3)
        Smallest voxel indices i, j, k of others, and one more than the largest.

    Returns
    -------
    ndarray of float, shape (...)
    """
    lo, hi = (np.asarray(side) for side in others)
    steps = np.maximum(lo - (np.array(one[1]) - 1), np.array(one[0]) - (hi - 1))
    return np.asarray((np.maximum(steps, 0) * plane_spacing_mm(grid)).max(axis=-1))


def within_mm(one: LabelMap, other: LabelMap, gap_mm: float) -> bool:
    """Tell whether a voxel of one map comes within a distance of a voxel of the other.

    Parameters
    ----------
    one, other : LabelMap
        Two sets of voxels on one grid; their labels do not matter.
    gap_mm : float
        The distance, included; distances are compared to 1e-6 mm.
    """
    if not len(one) or not len(other):
        return False
    # Most often a few voxels of each are near enough already.
    if settled(bound_mm(one, other)) <= gap_mm:
        return True
    return _least_mm(one, other, gap_mm) <= gap_mm


def parts_within_mm(
    parts: LabelMap,
    part: NDArray[np.integer[Any]],
    n: int,
    other: LabelMap,
    gap_mm: float,
    key: Keys | None = None,
    other_key: Keys | None = None,
) -> NDArray[np.bool_]:
    """Tell for each of many parts whether it comes within a distance of a set of voxels.

    All are asked at once: asking one after the other grows with the square of their number.

    Parameters
    ----------
    parts : LabelMap
        The voxels of all parts.
    part : ndarray of int, shape (number of runs,)
        Part 0..n-1 of each run.
    n : int
        How many parts there are.
    other : LabelMap
        The set, on the same grid; no voxel is in a part and in the set with its key.
    gap_mm : float
        The distance, included; distances are compared to 1e-6 mm.
    key, other_key : ndarray of int, shape (number of runs,), optional
        Only what has the same key counts, from 0; by default all does.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    near = np.zeros(n, dtype=bool)
    around = within_reach(other, parts, gap_mm, other_key, key)
    around_key = None if other_key is None else other_key[around.run]
    asked = within_reach(parts, around, gap_mm, key, around_key)
    if not len(asked):
        return near
    theirs, mine = outermost(around, around_key), outermost(asked, part[asked.run])
    there_mm, here_mm = voxels_mm(around, theirs.position), voxels_mm(asked, mine.position)
    if key is not None and around_key is not None:
        # Voxels of two keys are too far apart to be near.
        far_mm = 2 * (gap_mm + 1)
        there_mm = np.column_stack((there_mm, around_key[theirs.run] * far_mm))
        here_mm = np.column_stack((here_mm, key[asked.run[mine.run]] * far_mm))
    of_voxel = part[asked.run[mine.run]]
    # Most parts that are near are so to one of a few voxels; only the others are asked of all.
    for every in (max(1, len(there_mm) // _SAMPLE), 1):
        if every == 1 or len(there_mm) > _SAMPLE:
            left = np.flatnonzero(~near[of_voxel])
            away = away_mm(there_mm[::every], here_mm[left], gap_mm + MARGIN_MM)
            reached = settled(np.where(np.isfinite(away), away, 2 * gap_mm + 1)) <= gap_mm
            near[of_voxel[left[reached]]] = True
    return near


def distance_mm(one: LabelMap, other: LabelMap) -> float:
    """Return the smallest distance in mm between voxel centres of two maps.

    Parameters
    ----------
    one, other : LabelMap
        Two sets of voxels on one grid; their labels do not matter.

    Returns
    -------
    float
        To 1e-6 mm; infinity where one of them is empty.
    """
    if not len(one) or not len(other):
        return math.inf
    return _least_mm(one, other, bound_mm(one, other))


def bound_mm(one: LabelMap, other: LabelMap) -> float:
    """Return the smallest distance of a few voxels of two maps that have some."""
    few, many = (
        voxels_mm(runs, runs.start[:: max(1, len(runs) // _SAMPLE)]) for runs in (one, other)
    )
    return least_away_mm(few, many)


def _least_mm(one: LabelMap, other: LabelMap, reach_mm: float) -> float:
    """Return the smallest distance to 1e-6 mm, infinity where it is certain to be above a reach."""
    near = within_reach(one, other, reach_mm)
    around = within_reach(other, near, reach_mm)
    if not len(near) or not len(around):
        return math.inf
    few, many = sorted((_outermost_mm(near), _outermost_mm(around)), key=len)
    limit = reach_mm + MARGIN_MM
    outside = np.maximum(few.min(axis=0) - many, many - few.max(axis=0))
    many = many[np.linalg.norm(np.maximum(outside, 0), axis=1) <= limit]
    least = least_away_mm(few, many, limit)
    return float(settled(least)) if math.isfinite(least) else least


def _outermost_mm(runs: Pieces) -> NDArray[np.float64]:
    return voxels_mm(runs, outermost(runs).position)
