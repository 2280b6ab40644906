"""How far apart two sets of voxels are.

The distance is that of the two nearest voxel centres, one of each set: voxels that share a face
are one voxel spacing apart, not zero.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from vesalius.engine.crop import Box, bounds, crop, grown
from vesalius.engine.grid import Grid
from vesalius.engine.labelmap import LabelMap, decode
from vesalius.engine.projection import settled

# Added where boxes are cropped, so that rounding never loses the nearest voxel.
_MARGIN_MM = 1e-3
_SAMPLE = 500


def plane_spacing_mm(grid: Grid) -> NDArray[np.float64]:
    """Return the distance in mm between neighbouring voxel planes along i, j, k, shape (3,).

    It is the spacing where the axes are perpendicular, and less where they are not.
    """
    return np.asarray(1.0 / np.linalg.norm(np.linalg.inv(grid.affine[:3, :3]), axis=1))


def box_distance_mm(grid: Grid, one: Box, other: Box) -> float:
    """Return a lower bound of the distance of the voxels of two boxes."""
    spacing = plane_spacing_mm(grid)
    away = [
        max(lo_b - (hi_a - 1), lo_a - (hi_b - 1), 0) * float(mm)
        for lo_a, hi_a, lo_b, hi_b, mm in zip(*one, *other, spacing, strict=True)
    ]
    return max(away)


def within_mm(one: LabelMap, other: LabelMap, gap_mm: float) -> bool:
    """Tell whether a voxel of one map comes within a distance of a voxel of the other.

    Parameters
    ----------
    one, other : LabelMap
        Two sets of voxels on one grid; their labels do not matter.
    gap_mm : float
        The distance, included; distances are compared to 1e-6 mm.
    """
    box, far = bounds(one), bounds(other)
    if box is None or far is None or box_distance_mm(one.grid, box, far) > gap_mm + _MARGIN_MM:
        return False
    # Only what lies in the other's box, widened by the gap, can be near enough.
    reach = np.ceil((gap_mm + _MARGIN_MM) / plane_spacing_mm(one.grid)).astype(int).tolist()
    shape = one.grid.shape
    mine = _common(box, grown(far, reach, shape))
    if mine is None:
        return False
    theirs = _common(far, grown(mine, reach, shape))
    if theirs is None:
        return False
    return _nearest_mm(one, mine, other, theirs) <= gap_mm


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
    box, far = bounds(one), bounds(other)
    if box is None or far is None:
        return math.inf
    return _nearest_mm(one, box, other, far)


def _nearest_mm(one: LabelMap, box: Box, other: LabelMap, far: Box) -> float:
    few, many = sorted((_surface_mm(one, box), _surface_mm(other, far)), key=len)
    if not len(few):
        return math.inf
    tree = cKDTree(few)
    # A few points give a bound; only what can be nearer than that is looked at.
    bound, _ = tree.query(many[:: max(1, len(many) // _SAMPLE)])
    limit = float(np.min(bound)) + _MARGIN_MM
    outside = np.maximum(few.min(axis=0) - many, many - few.max(axis=0))
    near = many[np.linalg.norm(np.maximum(outside, 0), axis=1) <= limit]
    nearest, _ = tree.query(near, distance_upper_bound=limit)
    return float(settled(np.min(nearest)))


def _common(one: Box, other: Box) -> Box | None:
    """Return the box that two boxes share, None where they share none."""
    lo_i, lo_j, lo_k = (max(pair) for pair in zip(one[0], other[0], strict=True))
    hi_i, hi_j, hi_k = (min(pair) for pair in zip(one[1], other[1], strict=True))
    if lo_i >= hi_i or lo_j >= hi_j or lo_k >= hi_k:
        return None
    return (lo_i, lo_j, lo_k), (hi_i, hi_j, hi_k)


def _surface_mm(labelmap: LabelMap, box: Box) -> NDArray[np.float64]:
    """Return the centres in mm of the voxels of a box that may be nearest to another set.

    On a grid whose axes are nearly perpendicular a voxel with all six neighbours in its own set
    never is: one of them is nearer. Where the box cuts the set, its outermost voxels count.
    """
    solid = decode(crop(labelmap, box)) != 0
    if _nearly_perpendicular(labelmap.grid):
        inner = np.zeros_like(solid)
        middle = (slice(1, -1),) * 3
        inner[middle] = solid[middle]
        for axis in range(3):
            low, high = list(middle), list(middle)
            low[axis], high[axis] = slice(0, -2), slice(2, None)
            inner[middle] &= solid[tuple(low)] & solid[tuple(high)]
        solid &= ~inner
    ijk = np.argwhere(solid) + np.array(box[0])
    return labelmap.grid.to_mm(ijk)


def _nearly_perpendicular(grid: Grid) -> bool:
    """Tell whether a step along some axis always leads nearer to another lattice point.

    Let n be the steps to that point, v the columns of the affine, c their cosines, and i the axis
    with the largest |n v|. The step is nearer if 2 |sum_j n_j v_j . v_i| > v_i . v_i, which holds
    if the other cosines of row i add up to less than a half.
    """
    columns = grid.affine[:3, :3] / np.linalg.norm(grid.affine[:3, :3], axis=0)
    cosines = np.abs(columns.T @ columns) - np.eye(3)
    return bool(cosines.sum(axis=1).max() < 0.499)
