"""Several edits of a map, one after the other, as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vesalius.engine.judging.changes import Changes
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.runs.labelmap import MAX_LABEL, LabelMap
from vesalius.engine.runs.repaint import repaint


def after_all(work: LabelMap, edits: Sequence[Changes]) -> LabelMap:
    """Return a map after edits, of which a later one paints over an earlier one.

    They are put together first, for a map costs many times what an edit does.
    """
    if len(edits) == 1 or any(edit.target.max(initial=0) == MAX_LABEL for edit in edits):
        for edit in edits:
            work = repaint(work, edit.start, edit.stop, edit.target).labelmap
        return work
    all_of_them = take_runs(work, slice(0, 0))
    for edit in edits:
        # Background is painted as well.
        label = edit.target + np.uint16(1)
        all_of_them = repaint(all_of_them, edit.start, edit.stop, label).labelmap
    label = all_of_them.label - np.uint16(1)
    return repaint(work, all_of_them.start, all_of_them.stop, label).labelmap
