"""Set operations on label maps of one grid: relabel, subtract, overlay, common refinement."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.build import as_labels, join
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.labelmap import (
    Axes,
    LabelMap,
    Labels,
    Positions,
    contiguous,
    decode,
    encode,
    run_range,
)

# Runs of all maps together that one step of the refinement looks at.
_WINDOW_RUNS = 1 << 18
MOST_SWEPT = 1024
"""Maps that the kernels take at once."""


class Refinement(NamedTuple):
    """The common refinement of several label maps.

    Parameters
    ----------
    start, stop : ndarray of int32 or int64, shape (n,)
        Flat positions of the intervals, sorted; no interval crosses a line.
    labels : ndarray of uint16, shape (n, k)
        Label of each map in each interval; at least one is not 0. Columns are contiguous.
    """

    start: Positions
    stop: Positions
    labels: NDArray[np.uint16]


def relabel(labelmap: LabelMap, lut: ArrayLike) -> LabelMap:
    """Replace labels by a table.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    lut : array_like of int, shape (m,)
        New label by old label, entry 0 unused; 0 removes a label. `m` must exceed every label
        that is present.

    Returns
    -------
    LabelMap

    Raises
    ------
    ValueError
        If a present label has no entry or an entry is outside 0..65535.
    """
    table = as_labels(lut)
    if table.ndim != 1 or table.size <= labelmap.largest:
        raise ValueError(f"the table has no entry for label {labelmap.largest}")
    label = table.take(labelmap.label)
    if table[1:].all() and distinct(table[1:]).size == table.size - 1:
        # Nothing goes and no two labels become one, so that runs stay as they are.
        return replace(labelmap, label=label)
    return join(labelmap, labelmap.start, labelmap.stop, label)


def relabel_runs(labelmap: LabelMap, label: ArrayLike) -> LabelMap:
    """Give each run a new label; 0 removes the run.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    label : array_like of int, shape (n,)
        New label of each run.

    Raises
    ------
    ValueError
        If there is not one label for each run or one is outside 0..65535.
    """
    values = as_labels(label)
    if values.shape != labelmap.label.shape:
        raise ValueError(f"{len(labelmap)} runs need {len(labelmap)} labels, not {values.size}")
    return join(labelmap, labelmap.start, labelmap.stop, values)


def keep_labels(labelmap: LabelMap, labels: ArrayLike) -> LabelMap:
    """Return the runs whose label is one of `labels`."""
    return relabel_runs(labelmap, labelmap.label * has_label(labelmap, labels))


def has_label(labelmap: LabelMap, labels: ArrayLike) -> NDArray[np.bool_]:
    """Tell for each run whether its label is one of `labels`, shape (n,)."""
    wanted = np.zeros(labelmap.largest + 1, dtype=bool)
    chosen = as_labels(labels)
    wanted[chosen[chosen < wanted.size]] = True
    return wanted[labelmap.label]


def subtract(labelmap: LabelMap, mask: LabelMap) -> LabelMap:
    """Return the voxels of `labelmap` where `mask` has no label."""
    start, stop, labels = refine([labelmap, mask])
    kept = np.where(labels[:, 1] == 0, labels[:, 0], np.uint16(0))
    return join(labelmap, start, stop, kept)


def overlay(bottom: LabelMap, top: LabelMap) -> LabelMap:
    """Paint `top` over `bottom`: the label of `top` wherever it has one."""
    start, stop, labels = refine([bottom, top])
    painted = np.where(labels[:, 1] != 0, labels[:, 1], labels[:, 0])
    return join(bottom, start, stop, painted)


def union(labelmaps: Sequence[LabelMap]) -> LabelMap:
    """Return label 1 where at least one of the maps has a label."""
    start, stop, labels = refine(labelmaps)
    return join(labelmaps[0], start, stop, np.ones(labels.shape[0], dtype=np.uint16))


def with_axes(labelmap: LabelMap, axes: Axes) -> LabelMap:
    """Return the same voxels with runs along other axes.

    Needs one voxel array (1 or 2 bytes per voxel) while it works.
    """
    if tuple(axes) == labelmap.axes:
        return labelmap
    return encode(decode(labelmap), labelmap.grid.affine, axes=axes, dtype=labelmap.start.dtype)


def refine(labelmaps: Sequence[LabelMap]) -> Refinement:
    """Cut the grid where any of the maps changes.

    Parameters
    ----------
    labelmaps : sequence of LabelMap
        At least one; all of one shape and one axes order. The affines are not compared.

    Returns
    -------
    Refinement
        Only the intervals where at least one map has a label.

    Raises
    ------
    ValueError
        If the list is empty or shapes or axes differ.
    """
    parts = list(refine_windows(labelmaps))
    if len(parts) == 1:
        return parts[0]
    start, stop, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Refinement(start, stop, labels)


def refine_windows(
    labelmaps: Sequence[LabelMap], window_runs: int = _WINDOW_RUNS
) -> Iterator[Refinement]:
    """Yield the common refinement in consecutive windows of whole lines.

    Each window holds about `window_runs` runs of all maps together, so that a consumer that
    keeps only a few bytes per interval never holds the whole matrix. Yields at least one
    window. Raises as :func:`refine` does.
    """
    check_same_shape(labelmaps)
    bounds = _windows(labelmaps, window_runs)
    for begin, end in itertools.pairwise(bounds):
        yield _refine_window(labelmaps, begin, end)


def where_they_differ(one: LabelMap, other: LabelMap) -> Refinement:
    """Return the common refinement of two maps where their labels differ.

    Of the same voxels it may have stretches that touch. Raises as :func:`refine` does.
    """
    check_same_shape([one, other])
    if kernels.compiled is not None:
        start, stop, labels = _swept([one, other], [slice(None)] * 2, differing=True)
        # The columns were long enough for all runs.
        return Refinement(start.copy(), stop.copy(), labels.copy(order="K"))
    # Most runs are in both maps: only the others are compared.
    start, stop, labels = refine([_not_in(one, other), _not_in(other, one)])
    rows = np.flatnonzero(labels[:, 0] != labels[:, 1])
    return Refinement(start[rows], stop[rows], labels[rows])


def _not_in(one: LabelMap, other: LabelMap) -> LabelMap:
    """Return the runs of a map that another does not have."""
    if not len(other):
        return one
    at = np.minimum(np.searchsorted(other.start, one.start), len(other) - 1)
    same = (other.start[at] == one.start) & (other.stop[at] == one.stop)
    rows = np.flatnonzero(~(same & (other.label[at] == one.label)))
    return LabelMap(one.grid, one.axes, one.start[rows], one.stop[rows], one.label[rows])


def check_same_shape(labelmaps: Sequence[LabelMap]) -> None:
    """Check that label maps can be compared position by position.

    Raises
    ------
    ValueError
        If there is none, or their shapes or axes differ.
    """
    if not labelmaps:
        raise ValueError("there is no label map")
    first = labelmaps[0]
    for other in labelmaps[1:]:
        if other.grid.shape != first.grid.shape:
            raise ValueError(f"the shapes differ: {first.grid.shape} and {other.grid.shape}")
        if other.axes != first.axes:
            raise ValueError(f"the axes differ: {first.axes} and {other.axes}")


def _windows(labelmaps: Sequence[LabelMap], window_runs: int) -> list[int]:
    """Return line starts that part the grid into windows of about `window_runs` runs."""
    line = labelmaps[0].line_length
    size = labelmaps[0].grid.size
    total = sum(len(m) for m in labelmaps)
    count = min(-(-total // window_runs), size // line)
    if count < 2:
        return [0, size]
    # Every map gives the starts that part its own runs evenly; among all of them, equally far
    # apart ones part all runs about evenly.
    marks = [m.start[np.arange(0, len(m), -(-window_runs // 16))] for m in labelmaps]
    candidates = np.sort(np.concatenate(marks)) // line * line
    chosen = candidates[np.linspace(0, candidates.size - 1, count + 1).astype(np.intp)[1:-1]]
    return [int(b) for b in np.unique(np.concatenate(([0], chosen, [size])))]


def _refine_window(labelmaps: Sequence[LabelMap], begin: int, end: int) -> Refinement:
    """Refine within positions that no run crosses."""
    ranges = [run_range(m, begin, end) for m in labelmaps]
    if kernels.compiled is not None and len(labelmaps) <= MOST_SWEPT:
        return _swept(labelmaps, ranges)
    ends = [side[r] for m, r in zip(labelmaps, ranges, strict=True) for side in (m.start, m.stop)]
    points = distinct(np.concatenate(ends))
    # One row per map in memory: a map's labels are written and read as one stretch.
    rows = np.zeros((len(labelmaps), max(points.size - 1, 0)), dtype=np.uint16)
    for row, m, r in zip(rows, labelmaps, ranges, strict=True):
        _fill_row(row, points, m.start[r], m.stop[r], m.label[r])
    kept = np.flatnonzero(np.bitwise_or.reduce(rows, axis=0))
    return Refinement(points[:-1][kept], points[1:][kept], rows[:, kept].T)


def _swept(
    labelmaps: Sequence[LabelMap], ranges: Sequence[slice], *, differing: bool = False
) -> Refinement:
    """Refine some runs of each map by the kernel; or only what differs."""
    columns = tuple(
        contiguous(m.start[r], m.stop[r], m.label[r])
        for m, r in zip(labelmaps, ranges, strict=True)
    )
    # What is not written takes no memory.
    most = 2 * sum(label.size for _, _, label in columns)
    kind = np.result_type(*(m.start for m in labelmaps))
    start, stop = np.empty(most, dtype=kind), np.empty(most, dtype=kind)
    labels = np.empty((len(columns), most), dtype=np.uint16)
    assert kernels.compiled is not None
    n = kernels.compiled.refine(columns, differing, start, stop, labels.reshape(-1))
    return Refinement(start[:n], stop[:n], labels[:, :n].T)


def _fill_row(
    row: Labels, points: Positions, start: Positions, stop: Positions, label: Labels
) -> None:
    """Write the labels of runs into a row of zeros that has one entry per interval."""
    if not start.size:
        return
    begin = np.searchsorted(points, start)
    end = np.searchsorted(points, stop)
    bounds = np.zeros(2 * start.size + 2, dtype=np.int64)
    bounds[-1] = row.size
    bounds[1:-1:2] = begin
    bounds[2:-1:2] = end
    values = np.zeros(2 * start.size + 1, dtype=np.uint16)
    values[1::2] = label
    row[:] = np.repeat(values, np.diff(bounds))
