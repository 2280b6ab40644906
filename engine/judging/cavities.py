"""Background that one label encloses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.judging.label_changes import LabelChange
from vesalius.engine.runs.background import background
from vesalius.engine.runs.build import join
from vesalius.engine.runs.components import Components, components
from vesalius.engine.runs.contacts import Contacts, group_contacts
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
    found = context.cached("closed", (0,), lambda: _closed_now(context))
    around = _enclosing(context.work, found.runs, found.cavity, found.voxels.size)
    return Cavities(found.runs, found.cavity, found.voxels, around)


def _closed_now(context: Context) -> _Closed:
    gains, at_first = context.background, context.shared.at_first
    begin: _Closed | None = at_first.get("closed")
    if gains and begin is not None and all(change.gained.all() for change in gains):
        return _wider(begin, gains, context)
    found = _closed(context.work)
    if not gains:
        at_first["closed"] = found
    return found


def _wider(begin: _Closed, gains: Sequence[LabelChange], context: Context) -> _Closed:
    """Return what is closed where the background has only grown since the case began.

    A cavity stays one, unless it has grown together with what is open.
    """
    nothing = context.known.nothing
    start = np.concatenate([begin.runs.start, *(gain.start for gain in gains)])
    stop = np.concatenate([begin.runs.stop, *(gain.stop for gain in gains)])
    order = np.argsort(start, kind="stable")
    ones = np.ones(start.size, dtype=np.uint16)
    inner = join(nothing, start[order], stop[order], ones)
    parts = components(inner)
    # What is as it was is closed: only what has grown is asked for what lies around it.
    place = np.concatenate([start[:0], *(gain.start for gain in gains)])
    grown = np.zeros(len(parts), dtype=bool)
    grown[parts.of_run[np.searchsorted(inner.stop, place, side="right")]] = True
    rows = np.flatnonzero(grown[parts.of_run])
    runs, part = take_runs(inner, rows), parts.of_run[rows]
    shared = _faces(context.known.near(lambda work: near_lines(work, runs)), runs, part)
    is_open = parts.measures.at_border
    is_open[shared.b[(shared.a == 0) & (shared.b >= _FIRST_HOLE)] - _FIRST_HOLE] = True
    return _only(~is_open, inner, parts)


def _closed(work: LabelMap) -> _Closed:
    outside = background(work)
    parts = components(outside)
    return _only(~parts.measures.at_border, outside, parts)


def _only(closed: NDArray[np.bool_], runs: LabelMap, parts: Components) -> _Closed:
    """Return some components, in their order."""
    number = (np.cumsum(closed) - 1).astype(np.int32)
    rows = np.flatnonzero(closed[parts.of_run]) if len(parts) else np.empty(0, dtype=np.intp)
    kept, cavity = take_runs(runs, rows), number[parts.of_run[rows]]
    nothing = np.zeros(len(kept), dtype=np.uint16)
    empty = LabelMap(kept.grid, kept.axes, kept.start, kept.stop, nothing)
    return _Closed(empty, cavity, parts.voxels[closed])


def _enclosing(near: LabelMap, runs: LabelMap, cavity: NDArray[np.int32], n: int) -> Labels:
    """Return the only label around each cavity, 0 where there are several, shape (n,)."""
    around = np.zeros(n, dtype=np.uint16)
    if not n:
        return around
    shared = _faces(near_lines(near, runs), runs, cavity)
    # A cavity is all of a component of background, so its neighbours are labels.
    of_cavity = np.flatnonzero((shared.b >= _FIRST_HOLE) & (shared.a < _FIRST_HOLE))
    which = shared.b[of_cavity] - _FIRST_HOLE
    alone = (np.bincount(which, minlength=n) == 1)[which]
    around[which[alone]] = shared.a[of_cavity[alone]]
    return around


def _faces(near: LabelMap, runs: LabelMap, part: NDArray[np.int32]) -> Contacts:
    """Count the faces of parts of background, from _FIRST_HOLE on, and of the labels near them."""
    place = np.searchsorted(near.start, runs.start)
    start = np.insert(near.start, place, runs.start)
    stop = np.insert(near.stop, place, runs.stop)
    group = np.insert(near.label.astype(np.int64), place, part + _FIRST_HOLE)
    both = LabelMap(near.grid, near.axes, start, stop, np.ones(start.size, dtype=np.uint16))
    return group_contacts(both, group)
