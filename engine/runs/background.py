"""The background as runs."""

from __future__ import annotations

import numpy as np

from vesalius.engine.runs import kernels
from vesalius.engine.runs.labelmap import LabelMap


def background(labelmap: LabelMap) -> LabelMap:
    """Return the voxels without a label, as label 1."""
    line = labelmap.line_length
    kind = labelmap.start.dtype
    if kernels.compiled is not None:
        most = len(labelmap) + -(-labelmap.grid.size // line)
        first, last = np.empty(most, kind), np.empty(most, kind)
        sides = (np.ascontiguousarray(side) for side in (labelmap.start, labelmap.stop))
        n = kernels.compiled.background(*sides, line, labelmap.grid.size, first, last)
        ones = np.ones(n, dtype=np.uint16)
        return LabelMap(labelmap.grid, labelmap.axes, first[:n], last[:n], ones)
    line_starts = np.arange(0, labelmap.grid.size, line, dtype=kind)
    # Gaps begin where a line or a gap-ending run does; each line has one more than runs. Sorted,
    # the begins and ends pair up; both columns are nearly so already.
    begin = np.sort(np.concatenate((line_starts, labelmap.stop)), kind="stable")
    end = np.sort(np.concatenate((labelmap.start, line_starts + kind.type(line))), kind="stable")
    gaps = np.flatnonzero(end > begin)
    label = np.ones(gaps.size, dtype=np.uint16)
    return LabelMap(labelmap.grid, labelmap.axes, begin[gaps], end[gaps], label)
