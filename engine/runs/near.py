"""The runs of a map that lie near some others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.labelmap import LabelMap, Positions
from vesalius.engine.runs.ranges import ranges


def near_lines(work: LabelMap, runs: LabelMap) -> LabelMap:
    """Return the runs of a map in the lines of some runs and in the lines next to those."""
    line, middle, slow = work.shape_in_memory
    wanted = np.zeros((slow + 2, middle + 2), dtype=bool)
    row = distinct(runs.start // line)
    at_slow, at_middle = np.divmod(row, middle)
    for step_slow in range(3):
        for step_middle in range(3):
            wanted[at_slow + step_slow, at_middle + step_middle] = True
    lines = np.flatnonzero(wanted[1:-1, 1:-1].reshape(-1)) * line
    return _in_stretches(work, lines, lines + line)


def in_lines(work: LabelMap, start: Positions) -> LabelMap:
    """Return the runs of a map in the lines of some positions, ascending."""
    line = work.line_length
    begin = distinct(start // line).astype(np.int64) * line
    return _in_stretches(work, begin, begin + line)


def _in_stretches(work: LabelMap, start: NDArray[np.int64], stop: NDArray[np.int64]) -> LabelMap:
    """Return the runs in some stretches that no run crosses."""
    kind = work.start.dtype
    first = np.searchsorted(work.start, start.astype(kind))
    rows = ranges(first, np.searchsorted(work.stop, stop.astype(kind), side="right") - first)
    columns = work.start[rows], work.stop[rows], work.label[rows]
    return LabelMap(work.grid, work.axes, *columns)
