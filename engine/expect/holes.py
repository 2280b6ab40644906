"""Background that one label encloses."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.background import background
from vesalius.engine.components import components
from vesalius.engine.contacts import group_contacts
from vesalius.engine.context import Context
from vesalius.engine.crop import as_box, crop, uncrop
from vesalius.engine.faults import take_runs
from vesalius.engine.labelmap import LabelMap, Labels
from vesalius.engine.steps import Filled
from vesalius.engine.verdict import Verdict, findings_by_part, grouped_faults

_FIRST_HOLE = 1 << 16


class _Holes(NamedTuple):
    """Background components that the border does not reach.

    Parameters
    ----------
    runs : LabelMap
        Their runs, of label 1.
    hole : ndarray of int, shape (number of runs,)
        Hole 0..n-1 of each run.
    n : int
        Number of holes.
    """

    runs: LabelMap
    hole: NDArray[np.int32]
    n: int


def judge_filled(expect: Filled, context: Context) -> Verdict:
    """Find the holes in labels.

    A hole is a 6-connected component of background, larger than `holes_at_most_ml`, that does
    not reach the border of the scan and has faces with exactly one label, which is one of
    `labels`. What several labels enclose together is a gap between them and no hole. Each hole
    is a part of label 0 whose target is the label around it; findings name that label.
    """
    found = context.measures(expect.labels)
    if not len(found):
        return Verdict()
    # A hole lies strictly within the box of the label around it.
    box = as_box(found.box_lo.min(axis=0), found.box_hi.max(axis=0))
    near = crop(context.work, box)
    holes = _holes(near, expect, context)
    around = _enclosing(near, holes)
    at_fault = np.isin(around, np.asarray(expect.labels)) & (around > 0)
    number = np.cumsum(at_fault) - 1
    rows = np.flatnonzero(at_fault[holes.hole]) if holes.n else np.empty(0, dtype=np.intp)
    runs = uncrop(take_runs(holes.runs, rows), context.work, box)
    runs = LabelMap(runs.grid, runs.axes, runs.start, runs.stop, np.zeros(len(runs), np.uint16))
    target = around[at_fault]
    faults = grouped_faults(runs, number[holes.hole[rows]], target.size, target)
    values = [(("at_most_ml", expect.holes_at_most_ml),)] * target.size
    findings = findings_by_part(faults, "hole", values)
    named = tuple(
        replace(finding, labels=(int(label),))
        for finding, label in zip(findings, target, strict=True)
    )
    return Verdict(named, faults)


def _holes(near: LabelMap, expect: Filled, context: Context) -> _Holes:
    """Find the background that the border of a box does not reach and that is large enough."""
    outside = background(near)
    found = components(outside)
    kept = ~found.measures.on_border.reshape(-1, 6).any(axis=1)
    kept &= context.above_ml(found.voxels, expect.holes_at_most_ml)
    number = (np.cumsum(kept) - 1).astype(np.int32)
    rows = np.flatnonzero(kept[found.of_run]) if len(found) else np.empty(0, dtype=np.intp)
    return _Holes(take_runs(outside, rows), number[found.of_run[rows]], int(kept.sum()))


def _enclosing(near: LabelMap, holes: _Holes) -> Labels:
    """Return the only label around each hole, 0 where there are several, shape (n,)."""
    around = np.zeros(holes.n, dtype=np.uint16)
    if not holes.n:
        return around
    place = np.searchsorted(near.start, holes.runs.start)
    start = np.insert(near.start, place, holes.runs.start)
    stop = np.insert(near.stop, place, holes.runs.stop)
    group = np.insert(near.label.astype(np.int64), place, holes.hole + _FIRST_HOLE)
    both = LabelMap(near.grid, near.axes, start, stop, np.ones(start.size, dtype=np.uint16))
    shared = group_contacts(both, group)
    # A hole is all of a component of background, so its neighbours are labels.
    of_hole = np.flatnonzero((shared.b >= _FIRST_HOLE) & (shared.a < _FIRST_HOLE))
    hole = shared.b[of_hole] - _FIRST_HOLE
    lone = np.bincount(hole, minlength=holes.n) == 1
    alone = lone[hole]
    around[hole[alone]] = shared.a[of_hole[alone]]
    return around
