"""Background that one label encloses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.runs.background import background
from vesalius.engine.runs.components import components
from vesalius.engine.runs.contacts import group_contacts
from vesalius.engine.runs.labelmap import LabelMap, Labels
from vesalius.engine.runs.near import near_lines

_FIRST_HOLE = 1 << 16


class Cavities(NamedTuple):
    """6-connected components of background that the border of the scan does not reach.

    Parameters
    ----------
    runs : LabelMap
        Their runs, of label 0.
    cavity : ndarray of int, shape (number of runs,)
        Cavity 0..n-1 of each run.
    voxels : ndarray of int64, shape (n,)
        Voxels of each.
    around : ndarray of uint16, shape (n,)
        The only label around each; 0 where there are several.
    """

    runs: LabelMap
    cavity: NDArray[np.int32]
    voxels: NDArray[np.int64]
    around: Labels


def cavities(context: Context) -> Cavities:
    """Return the cavities of a map; kept in the cache."""
    return context.cached_for_map("cavities", lambda: _cavities(context))


class _Closed(NamedTuple):
    """The cavities without what is around them: as of :class:`Cavities`."""

    runs: LabelMap
    cavity: NDArray[np.int32]
    voxels: NDArray[np.int64]


def _cavities(context: Context) -> Cavities:
    # Most edits give voxels of one label to another: the background is as it was.
    found = context.cached("closed", (0,), lambda: _closed(context.work))
    around = _enclosing(context.work, found.runs, found.cavity, found.voxels.size)
    return Cavities(found.runs, found.cavity, found.voxels, around)


def _closed(work: LabelMap) -> _Closed:
    outside = background(work)
    parts = components(outside)
    closed = np.asarray(~parts.measures.on_border.reshape(-1, 6).any(axis=1))
    number = (np.cumsum(closed) - 1).astype(np.int32)
    rows = np.flatnonzero(closed[parts.of_run]) if len(parts) else np.empty(0, dtype=np.intp)
    runs, cavity = take_runs(outside, rows), number[parts.of_run[rows]]
    nothing = np.zeros(len(runs), dtype=np.uint16)
    empty = LabelMap(runs.grid, runs.axes, runs.start, runs.stop, nothing)
    return _Closed(empty, cavity, parts.voxels[closed])


def _enclosing(near: LabelMap, runs: LabelMap, cavity: NDArray[np.int32], n: int) -> Labels:
    """Return the only label around each cavity, 0 where there are several, shape (n,)."""
    around = np.zeros(n, dtype=np.uint16)
    if not n:
        return around
    near = near_lines(near, runs)
    place = np.searchsorted(near.start, runs.start)
    start = np.insert(near.start, place, runs.start)
    stop = np.insert(near.stop, place, runs.stop)
    group = np.insert(near.label.astype(np.int64), place, cavity + _FIRST_HOLE)
    both = LabelMap(near.grid, near.axes, start, stop, np.ones(start.size, dtype=np.uint16))
    shared = group_contacts(both, group)
    # A cavity is all of a component of background, so its neighbours are labels.
    of_cavity = np.flatnonzero((shared.b >= _FIRST_HOLE) & (shared.a < _FIRST_HOLE))
    which = shared.b[of_cavity] - _FIRST_HOLE
    alone = (np.bincount(which, minlength=n) == 1)[which]
    around[which[alone]] = shared.a[of_cavity[alone]]
    return around
