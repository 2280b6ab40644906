"""The background as runs, and the holes that labels enclose."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vesalius.engine.components import components
from vesalius.engine.labelmap import LabelMap
from vesalius.engine.setops import keep_labels, relabel_runs


def background(labelmap: LabelMap) -> LabelMap:
    """Return the voxels without a label, as label 1."""
    line = labelmap.line_length
    kind = labelmap.start.dtype
    line_starts = np.arange(0, labelmap.grid.size, line, dtype=kind)
    # Gaps begin where a line or a gap-ending run does; each line has one more than runs. Sorted,
    # the begins and ends pair up; both columns are nearly so already.
    begin = np.sort(np.concatenate((line_starts, labelmap.stop)), kind="stable")
    end = np.sort(np.concatenate((labelmap.start, line_starts + kind.type(line))), kind="stable")
    gaps = np.flatnonzero(end > begin)
    label = np.ones(gaps.size, dtype=np.uint16)
    return LabelMap(labelmap.grid, labelmap.axes, begin[gaps], end[gaps], label)


def holes(labelmap: LabelMap, labels: ArrayLike | None = None, connectivity: int = 6) -> LabelMap:
    """Return what a set of labels encloses and the scan's border does not reach, as label 1.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    labels : array_like of int, optional
        The labels that enclose, together; by default all. Other labels count as background,
        and so may lie in a hole.
    connectivity : int
        6, 18 or 26: neighbours through which a hole would leak.

    Returns
    -------
    LabelMap

    Raises
    ------
    ValueError
        If `connectivity` is not 6, 18 or 26.
    """
    walls = labelmap if labels is None else keep_labels(labelmap, labels)
    outside = background(walls)
    found = components(outside, connectivity)
    enclosed = np.logical_not(found.measures.on_border.reshape(-1, 6).any(axis=1))
    return relabel_runs(outside, np.asarray(enclosed, dtype=np.uint16)[found.of_run])
