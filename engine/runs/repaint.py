"""Painting a few stretches of a map: only what lies around them is looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import join
from vesalius.engine.runs.labelmap import LabelMap, Labels, Positions
from vesalius.engine.runs.ranges import ranges
from vesalius.engine.runs.sweeps import refine

_MOST_WINDOWS = 2048


class Repainted(NamedTuple):
    """What was painted.

    Parameters
    ----------
    labelmap : LabelMap
        The map after it.
    start, stop : ndarray of int32 or int64, shape (n,)
        Stretches whose label differs, ascending; none crosses a line.
    source, target : ndarray of uint16, shape (n,)
        Label before and after.
    """

    labelmap: LabelMap
    start: Positions
    stop: Positions
    source: Labels
    target: Labels


def repaint(work: LabelMap, start: Positions, stop: Positions, label: Labels) -> Repainted:
    """Paint stretches over a map.

    Parameters
    ----------
    work : LabelMap
        The map.
    start, stop : ndarray of int32 or int64, shape (n,)
        The stretches, sorted and not overlapping, each within a line.
    label : ndarray of uint16, shape (n,)
        What each becomes; 0 is background.
    """
    if not start.size:
        return Repainted(work, start, stop, label, label)
    begin, end = _windows(work, start, stop)
    rows = _rows(begin, end)
    ones = np.ones(start.size, dtype=np.uint16)
    near = LabelMap(work.grid, work.axes, work.start[rows], work.stop[rows], work.label[rows])
    swept = refine([near, LabelMap(work.grid, work.axes, start, stop, ones)])
    source = swept.labels[:, 0]
    painted = np.flatnonzero(swept.labels[:, 1])
    target = source.copy()
    target[painted] = label[np.searchsorted(stop, swept.start[painted], side="right")]
    joined = join(work, swept.start, swept.stop, target)
    after = _put_in(work, begin, end, joined)
    differ = np.flatnonzero(source != target)
    stretches = swept.start[differ], swept.stop[differ]
    return Repainted(after, *stretches, source[differ], target[differ])


def _windows(
    work: LabelMap, start: Positions, stop: Positions
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the runs that stretches overlap and those beside them: first, and one after the last.

    Windows are ascending and neither overlap nor touch.
    """
    kind = work.start.dtype
    first = np.searchsorted(work.stop, start.astype(kind, copy=False), side="right")
    last = np.searchsorted(work.start, stop.astype(kind, copy=False), side="left")
    begin = np.maximum(first - 1, 0)
    end = np.minimum(np.maximum(last, first) + 1, len(work))
    apart = np.flatnonzero(begin[1:] > end[:-1]) + 1
    # Each window costs more than a few runs do.
    apart = apart[:: -(-apart.size // _MOST_WINDOWS) or 1]
    return begin[np.append(0, apart)], end[np.append(apart, begin.size) - 1]


def _rows(begin: NDArray[np.intp], end: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return the runs of all windows."""
    if begin.size == 1:
        return slice(int(begin[0]), int(end[0]))
    return ranges(begin, end - begin)


def _put_in(
    work: LabelMap, begin: NDArray[np.intp], end: NDArray[np.intp], near: LabelMap
) -> LabelMap:
    """Return a map in which windows have other runs."""
    # Between two windows there is a run that stays: what comes before it is of the first.
    cut = [0, *np.searchsorted(near.start, work.start[end[:-1]]).tolist(), len(near)]
    bounds = list(zip([0, *end.tolist()], begin.tolist(), cut, cut[1:], strict=False))
    last = int(end[-1])

    def together(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        parts = [part for a, b, c, d in bounds for part in (old[a:b], new[c:d])]
        return np.concatenate([*parts, old[last:]])

    columns = zip(
        (work.start, work.stop, work.label), (near.start, near.stop, near.label), strict=True
    )
    return LabelMap(work.grid, work.axes, *(together(old, new) for old, new in columns))
