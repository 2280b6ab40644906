"""Edits: new labels for some stretches of a map, and the map that results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.judging.changes import Changes
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.labelwise import Labelwise
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.step import Repair
from vesalius.engine.runs.build import as_labels
from vesalius.engine.runs.labelmap import LabelMap, Labels, Positions
from vesalius.engine.runs.near import in_lines
from vesalius.engine.runs.repaint import repaint


@dataclass(frozen=True, eq=False)
class Edit:
    """New labels of stretches of voxels.

    Parameters
    ----------
    start, stop : ndarray of int32 or int64, shape (n,)
        Flat positions, sorted and not overlapping, each within a line.
    label : ndarray of uint16, shape (n,)
        New label; 0 is background.
    stays : ndarray of bool, shape (n,), or None
        Which stretches keep their label, though they are at fault; None for none.
    why : str
        Why they do.
    """

    start: Positions
    stop: Positions
    label: Labels
    stays: NDArray[np.bool_] | None = None
    why: str = ""

    def leaves(self, runs: LabelMap) -> NDArray[np.bool_]:
        """Tell for each of some runs whether all of it lies in stretches that stay."""
        if self.stays is None:
            return np.zeros(len(runs), dtype=bool)
        start, stop = self.start[self.stays], self.stop[self.stays]
        before = np.concatenate(([0], np.cumsum(stop - start)))

        def covered(position: Positions) -> NDArray[np.int64]:
            at = np.searchsorted(stop, position, side="left")
            begun = np.append(start, np.iinfo(np.int64).max)[at]
            return np.asarray(before[at] + np.maximum(position - begun, 0), dtype=np.int64)

        return np.asarray(covered(runs.stop) - covered(runs.start) == runs.stop - runs.start)


EditParts = Callable[[Repair, Faults, Context], Edit]
"""Repairs parts in any way: what repairs that hold other repairs are given."""


def edit_to(
    faults: Faults,
    label_of_part: ArrayLike,
    stays: NDArray[np.bool_] | None = None,
    why: str = "",
) -> Edit:
    """Give each part one label, but for those that stay as they are.

    Parameters
    ----------
    faults : Faults
        The parts.
    label_of_part : array_like of int, shape (number of parts,)
        New label of each.
    stays : ndarray of bool, shape (number of parts,), optional
        Which keep their labels; by default none.
    why : str
        Why they do.
    """
    new_label, runs = as_labels(label_of_part)[faults.part], faults.runs
    if stays is None or not stays.any():
        return Edit(runs.start, runs.stop, new_label)
    kept = stays[faults.part]
    return Edit(runs.start, runs.stop, np.where(kept, runs.label, new_label), kept, why)


def edit_to_target(repair: Repair, faults: Faults) -> Edit:
    """Give each part its target.

    Raises
    ------
    ValueError
        If the expectation names no label for its parts.
    """
    if faults.target is None:
        raise ValueError(f"{type(repair).__name__} needs parts that know their label")
    return edit_to(faults, faults.target)


def together(edits: Sequence[Edit]) -> Edit:
    """Return several edits of different voxels as one; at least one."""
    start = np.concatenate([edit.start for edit in edits])
    order = np.argsort(start, kind="stable")
    stop = np.concatenate([edit.stop for edit in edits])
    label = np.concatenate([edit.label for edit in edits])
    if all(edit.stays is None for edit in edits):
        return Edit(start[order], stop[order], label[order])
    none = [np.zeros(edit.start.size, dtype=bool) for edit in edits]
    stays = np.concatenate(
        [own if edit.stays is None else edit.stays for edit, own in zip(edits, none, strict=True)]
    )
    why = "; ".join(dict.fromkeys(edit.why for edit in edits if edit.why))
    return Edit(start[order], stop[order], label[order], stays[order], why)


def without_moves(planned: Edit, faults: Faults, undone: Mapping[tuple[int, int], str]) -> Edit:
    """Return an edit in which some moves are not made: what they would move stays.

    Parameters
    ----------
    planned : Edit
        The edit.
    faults : Faults
        The parts that it moves.
    undone : mapping of (int, int) to str
        Source and target of each move, and why it is not made.
    """
    if not undone:
        return planned
    at = np.searchsorted(faults.runs.stop, planned.start, side="right")
    source = faults.runs.label[at]
    made = zip(source.tolist(), planned.label.tolist(), strict=True)
    why = [undone.get(pair, "") for pair in made]
    barred = np.array([bool(reason) for reason in why], dtype=bool)
    if not barred.any():
        return planned
    stays = barred if planned.stays is None else barred | planned.stays
    label = np.where(barred, source, planned.label)
    reasons = dict.fromkeys(reason for reason in (planned.why, *why) if reason)
    return Edit(planned.start, planned.stop, label, stays, "; ".join(reasons))


def changes_by(edit: Edit, known: Labelwise) -> Changes:
    """Return the voxels whose label an edit changes.

    Parameters
    ----------
    edit : Edit
        What to paint; stretches of background may be painted as well.
    known : Labelwise
        The map before it.
    """
    near = known.near(lambda work: in_lines(work, edit.start))
    done = repaint(near, edit.start, edit.stop, edit.label)
    return Changes(done.start, done.stop, done.source, done.target)
