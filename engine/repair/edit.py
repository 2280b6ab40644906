"""Edits: new labels for some stretches of a map, and the map that results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vesalius.engine.changes import Changes
from vesalius.engine.labelmap import LabelMap, Labels, Positions
from vesalius.engine.runs import as_labels, join
from vesalius.engine.setops import refine
from vesalius.engine.verdict import Faults, take_runs


@dataclass(frozen=True, eq=False)
class Edit:
    """New labels of stretches of voxels.

    Parameters
    ----------
    start, stop : ndarray of int32 or int64, shape (n,)
        Flat positions, sorted and not overlapping, each within a line.
    label : ndarray of uint16, shape (n,)
        New label; 0 is background.
    """

    start: Positions
    stop: Positions
    label: Labels


def edit_to(faults: Faults, label_of_part: ArrayLike) -> Edit:
    """Give each part one label."""
    labels = as_labels(label_of_part)
    return Edit(faults.runs.start, faults.runs.stop, labels[faults.part])


def together(edits: Sequence[Edit]) -> Edit:
    """Return several edits of different voxels as one; at least one."""
    start = np.concatenate([edit.start for edit in edits])
    order = np.argsort(start, kind="stable")
    stop = np.concatenate([edit.stop for edit in edits])
    label = np.concatenate([edit.label for edit in edits])
    return Edit(start[order], stop[order], label[order])


def repaint(work: LabelMap, edit: Edit) -> LabelMap:
    """Return the map after an edit; stretches of background may be painted as well."""
    return repaint_changes(work, edit)[0]


def repaint_changes(work: LabelMap, edit: Edit) -> tuple[LabelMap, Changes]:
    """Make an edit.

    Parameters
    ----------
    work : LabelMap
        The map before it.
    edit : Edit
        What to paint; stretches of background may be painted as well.

    Returns
    -------
    after : LabelMap
        The map after it.
    found : Changes
        The voxels whose label differs.
    """
    # Runs that no stretch overlaps stay; the few others are swept together with the stretches.
    first = np.searchsorted(work.stop, edit.start, side="right")
    last = np.searchsorted(work.start, edit.stop, side="left")
    level = np.zeros(len(work) + 1, dtype=np.int64)
    np.add.at(level, first, 1)
    np.add.at(level, np.maximum(last, first), -1)
    hit = np.cumsum(level[:-1]) > 0
    ones = np.ones(edit.start.size, dtype=np.uint16)
    mask = LabelMap(work.grid, work.axes, edit.start, edit.stop, ones)
    swept = refine([take_runs(work, hit), mask])
    source = swept.labels[:, 0]
    painted = np.flatnonzero(swept.labels[:, 1])
    target = source.copy()
    target[painted] = edit.label[np.searchsorted(edit.stop, swept.start[painted], side="right")]
    kept = take_runs(work, ~hit)
    place = np.searchsorted(kept.start, swept.start)
    after = join(
        work,
        np.insert(kept.start, place, swept.start),
        np.insert(kept.stop, place, swept.stop),
        np.insert(kept.label, place, target),
    )
    rows = np.flatnonzero(source != target)
    found = Changes(swept.start[rows], swept.stop[rows], source[rows], target[rows])
    return after, found
