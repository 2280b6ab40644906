"""The runs of some labels: in the order of the map, or label by label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vesalius.engine.runs import kernels
from vesalius.engine.runs.labelmap import LabelMap, Positions, contiguous, position_dtype
from vesalius.engine.runs.sweeps import has_label


class Picked(NamedTuple):
    """Runs of some labels.

    Parameters
    ----------
    runs : LabelMap
        The runs.
    row : ndarray of int32 or int64, shape (n,)
        In the order of the map, the place of each run among all of them label by label.
    """

    runs: LabelMap
    row: Positions


def picked_runs(labelmap: LabelMap, labels: Sequence[int], counts: Sequence[int]) -> Picked:
    """Return the runs of some labels in the order of the map.

    Parameters
    ----------
    labelmap : LabelMap
        The map.
    labels : sequence of int
        Ascending.
    counts : sequence of int
        Number of runs of each.
    """
    return _picked(labelmap, labels, counts, by_label=False)


def runs_by_label(labelmap: LabelMap, labels: Sequence[int], counts: Sequence[int]) -> Picked:
    """Return the runs of some labels label by label, each in the order of the map.

    The parameters are those of :func:`picked_runs`.
    """
    return _picked(labelmap, labels, counts, by_label=True)


def _picked(
    labelmap: LabelMap, labels: Sequence[int], counts: Sequence[int], *, by_label: bool
) -> Picked:
    if kernels.compiled is None:
        return _picked_by_numpy(labelmap, labels, by_label=by_label)
    first = np.full(labelmap.largest + 1, -1, dtype=np.int64)
    stops = np.cumsum([0, *counts])
    first[np.asarray(labels, dtype=np.intp)] = stops[:-1]
    n, kind = int(stops[-1]), labelmap.start.dtype
    found = np.empty(n, kind), np.empty(n, kind), np.empty(n, np.uint16)
    row = np.empty(n, dtype=position_dtype(n))
    columns = contiguous(labelmap.start, labelmap.stop, labelmap.label)
    kernels.compiled.pick(*columns, first, by_label, *found, row)
    return Picked(LabelMap(labelmap.grid, labelmap.axes, *found), row)


def _picked_by_numpy(labelmap: LabelMap, labels: Sequence[int], *, by_label: bool) -> Picked:
    chosen = np.flatnonzero(has_label(labelmap, labels))
    # 16 bits wide, so numpy sorts by radix.
    order = np.argsort(labelmap.label[chosen], kind="stable")
    row = np.empty(order.size, dtype=position_dtype(order.size))
    row[order] = np.arange(order.size)
    rows = chosen[order] if by_label else chosen
    columns = labelmap.start[rows], labelmap.stop[rows], labelmap.label[rows]
    return Picked(LabelMap(labelmap.grid, labelmap.axes, *columns), row)
