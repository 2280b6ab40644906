"""Several edits of a map, one after the other, as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vesalius.engine.judging.changes import Changes
from vesalius.engine.runs.labelmap import MAX_LABEL, LabelMap
from vesalius.engine.runs.repaint import repaint


def as_one(nothing: LabelMap, edits: Sequence[Changes]) -> list[Changes]:
    """Put edits together, for a map costs many times what an edit does.

    Parameters
    ----------
    nothing : LabelMap
        A map without runs, of the grid and axes of what is edited.
    edits : sequence of Changes
        A later one paints over an earlier one.

    Returns
    -------
    list of Changes
        What does the same to a map, one after the other: one or none. It does not say what was
        there before; where the largest label is painted, the edits as they are.
    """
    if len(edits) < 2 or any(edit.target.max(initial=0) == MAX_LABEL for edit in edits):
        return list(edits)
    painted = nothing
    for edit in edits:
        # Background is painted as well.
        painted = repaint(painted, edit.start, edit.stop, edit.target + np.uint16(1)).labelmap
    label = painted.label - np.uint16(1)
    return [Changes(painted.start, painted.stop, np.zeros_like(label), label)]


def after_all(work: LabelMap, edits: Sequence[Changes]) -> LabelMap:
    """Return a map after edits, of which a later one paints over an earlier one."""
    for edit in edits:
        work = repaint(work, edit.start, edit.stop, edit.target).labelmap
    return work
