"""Where a body that lies on both sides of a plane is narrowest."""

from __future__ import annotations

import numpy as np

from vesalius.engine.runs.build import coordinates
from vesalius.engine.runs.halfspace import HalfSpace, evaluate
from vesalius.engine.runs.labelmap import LabelMap, Positions
from vesalius.engine.runs.projection import settled, settled_one
from vesalius.engine.runs.ranges import ranges

_ON_THE_EDGE = 1e-3
"""A voxel centre so little of a layer below its edge lies in it: rounding decides nothing."""
_MICRON_MM = 1e-6


def at_waist(body: LabelMap, plane: HalfSpace, reach_mm: float) -> HalfSpace:
    """Move a plane to the narrowest layer of a body.

    Layers are as thick as voxels lie apart along the normal, and counted from the plane. Of those
    that are at most `reach_mm` away the one with the fewest voxels counts, of equal ones the
    nearest, then the one on the negative side.

    Parameters
    ----------
    body : LabelMap
        The runs of one body.
    plane : HalfSpace
        Its normal is of length 1.
    reach_mm : float
        How far the plane may be moved.

    Returns
    -------
    HalfSpace
        Between that layer and the next one on the side of the plane.
    """
    coefficients = plane.coefficients(body.grid)
    thick_mm = settled_one(max(abs(step) for step in coefficients[:3]))
    far = int(reach_mm / thick_mm + _ON_THE_EDGE) + 1
    where, lengths = coordinates(body), body.lengths
    fast, middle, slow = body.axes
    ijk: list[Positions] = [where.begin] * 3
    ijk[fast] = ranges(where.begin, lengths)
    ijk[middle], ijk[slow] = np.repeat(where.middle, lengths), np.repeat(where.slow, lengths)
    heights_mm = settled(evaluate(coefficients, *ijk))
    layer = np.floor(heights_mm / thick_mm + _ON_THE_EDGE).astype(np.int64) + far
    voxels = np.bincount(layer[(layer >= 0) & (layer < 2 * far)], minlength=2 * far)
    edge = np.arange(2 * far) - far
    edge[:far] += 1
    narrowest = edge[np.lexsort((np.abs(edge), voxels))[0]]
    moved_mm = float(narrowest * thick_mm)
    return HalfSpace(plane.normal, plane.offset_mm + moved_mm - _MICRON_MM * bool(narrowest))
