"""The flat ends of bodies, along the axes of the grid, and what lies beyond them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.faults import grouped_faults
from vesalius.engine.judging.findings import Finding, findings_by_part
from vesalius.engine.runs.build import RunCoordinates, coordinates
from vesalius.engine.runs.grid import plane_spacing_mm
from vesalius.engine.runs.labelmap import LabelMap, Positions, run_range
from vesalius.engine.runs.projection import settled_one
from vesalius.engine.runs.ranges import ranges

_BEHIND = 2
"""So many layers of voxels behind the last one say how wide a body was."""


@dataclass(frozen=True, eq=False)
class End:
    """The last layer of voxels of a body.

    Parameters
    ----------
    layer : LabelMap
        Its voxels.
    away : int
        How far in memory the voxels lie that share a face with it on the outside.
    mm2 : float
        Its area.
    """

    layer: LabelMap
    away: int
    mm2: float

    @cached_property
    def found(self) -> Finding:
        """What is said of it, whichever rule asks."""
        faults = grouped_faults(self.layer, np.zeros(len(self.layer)), 1)
        (found,) = findings_by_part(faults, "", [(("mm2", round(self.mm2, 1)),)])
        return found

    def beyond(self, work: LabelMap) -> NDArray[np.int64]:
        """Count the voxels of each label, 0 background, that lie on the outside of it."""
        away = self.layer.start.dtype.type(self.away)
        return voxels_beneath(work, self.layer.start + away, self.layer.stop + away)


def flat_ends(
    body: LabelMap, flat: float, at_least_mm2: float, layer_at_most_mm: float
) -> Iterator[End]:
    """Yield the ends of a body that are nearly as wide as the body is behind them.

    Parameters
    ----------
    body : LabelMap
        Runs of one body.
    flat : float
        The last layer of voxels has at least so many times the mean of the two behind it.
    at_least_mm2 : float
        So large is the last layer at least.
    layer_at_most_mm : float
        So far are layers apart at most; along an axis where they are further there is no end.

    Yields
    ------
    End
        Those that the edge of the grid does not bound.
    """
    where = coordinates(body)
    grid = body.grid
    thick_mm = plane_spacing_mm(grid)
    face_mm2 = grid.voxel_ml * 1000.0 / thick_mm
    for place in range(3):
        axis = body.axes[place]
        if settled_one(float(thick_mm[axis])) > layer_at_most_mm:
            continue
        first, sizes = _layers(body, where, place)
        if sizes.size <= _BEHIND:
            continue
        for low in (True, False):
            ordered = sizes if low else sizes[::-1]
            last, *behind = ordered[: 1 + _BEHIND].tolist()
            mm2 = settled_one(float(last * face_mm2[axis]))
            ratio = settled_one(last * _BEHIND / sum(behind))
            at = first if low else first + sizes.size - 1
            outside = at - 1 if low else at + 1
            if ratio >= flat and mm2 >= at_least_mm2 and 0 <= outside < grid.shape[axis]:
                line, middle, _ = body.shape_in_memory
                away = (-1 if low else 1) * (1, line, line * middle)[place]
                yield End(_layer(body, where, place, at), away, mm2)


def _layers(body: LabelMap, where: RunCoordinates, place: int) -> tuple[int, NDArray[np.int64]]:
    """Give the first layer of a body along an axis in memory, and the voxels of each."""
    if place == 0:
        first, last = int(where.begin.min()), int(where.end.max())
        steps = np.bincount(where.begin - first, minlength=last - first + 1)
        steps -= np.bincount(where.end - first, minlength=last - first + 1)
        return first, np.cumsum(steps)[:-1]
    along = where.middle if place == 1 else where.slow
    first = int(along.min())
    return first, np.bincount(along - first, weights=body.lengths).astype(np.int64)


def _layer(body: LabelMap, where: RunCoordinates, place: int, at: int) -> LabelMap:
    """Give the voxels of a layer."""
    if place == 0:
        rows = np.flatnonzero((where.begin <= at) & (where.end > at))
        begin = body.start[rows] + (at - where.begin[rows])
        end = begin + 1
    else:
        along = where.middle if place == 1 else where.slow
        rows = np.flatnonzero(along == at)
        begin, end = body.start[rows], body.stop[rows]
    kind = body.start.dtype
    return LabelMap(body.grid, body.axes, begin.astype(kind), end.astype(kind), body.label[rows])


def voxels_beneath(work: LabelMap, start: Positions, stop: Positions) -> NDArray[np.int64]:
    """Count the voxels of each label, 0 background, under stretches in memory.

    The stretches are ascending, and none overlaps another.
    """
    some = run_range(work, int(start[0]), int(stop[-1])) if start.size else slice(0, 0)
    begin, end, label = work.start[some], work.stop[some], work.label[some]
    first = np.searchsorted(end, start, side="right")
    counts = np.searchsorted(begin, stop, side="left") - first
    stretch = np.repeat(np.arange(start.size), counts)
    run = ranges(first, counts)
    shared = np.minimum(end[run], stop[stretch]) - np.maximum(begin[run], start[stretch])
    found = np.bincount(label[run], weights=shared, minlength=1).astype(np.int64)
    found[0] = (stop - start).sum() - found.sum()
    return found
