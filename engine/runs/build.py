"""Runs that are not yet a label map: making them canonical, cutting them, their coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import (
    MAX_LABEL,
    Axes,
    LabelMap,
    Labels,
    Positions,
    contiguous,
    position_dtype,
)


@dataclass(frozen=True, eq=False)
class RunCoordinates:
    """Where each run lies, all arrays of shape (n,).

    Parameters
    ----------
    begin, end : ndarray of int
        Voxel index along the fastest axis, inclusive and exclusive.
    middle, slow : ndarray of int
        Voxel index along the other two axes.
    """

    begin: Positions
    end: Positions
    middle: Positions
    slow: Positions


@dataclass(frozen=True, eq=False)
class Pieces:
    """Runs of a label map after some of them were cut: equal neighbours may touch.

    Parameters
    ----------
    labelmap : LabelMap
        What was cut.
    start, stop : ndarray of int32 or int64, shape (n,)
        Flat positions, as in the label map.
    run : ndarray of intp, shape (n,)
        The run of `labelmap` that each piece comes from.
    """

    labelmap: LabelMap
    start: Positions
    stop: Positions
    run: NDArray[np.intp]

    def __len__(self) -> int:
        """Return the number of pieces."""
        return self.start.size

    @property
    def grid(self) -> Grid:
        """Shape and affine."""
        return self.labelmap.grid

    @property
    def axes(self) -> Axes:
        """Axes from fastest to slowest in memory."""
        return self.labelmap.axes

    @property
    def label(self) -> Labels:
        """Label of each piece, shape (n,)."""
        return self.labelmap.label[self.run]

    @property
    def lengths(self) -> Positions:
        """Number of voxels of each piece, shape (n,)."""
        return self.stop - self.start

    def joined(self, label: ArrayLike | None = None) -> LabelMap:
        """Return the label map of the pieces, with new labels where given.

        Parameters
        ----------
        label : array_like of int, shape (n,), optional
            New label of each piece; 0 removes it.

        Raises
        ------
        ValueError
            If a label is outside 0..65535 or there is not one for each piece.
        """
        values = self.label if label is None else as_labels(label)
        if values.shape != self.start.shape:
            raise ValueError(f"{len(self)} pieces need {len(self)} labels, not {values.size}")
        return join(self.labelmap, self.start, self.stop, values)


def as_labels(values: ArrayLike) -> Labels:
    """Return integers as labels without ever wrapping.

    Raises
    ------
    TypeError
        If the values are not integers.
    ValueError
        If one is outside 0..65535.
    """
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "bui":
        raise TypeError(f"labels must be integers, not {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > MAX_LABEL):
        raise ValueError(f"labels must be within 0..{MAX_LABEL}")
    return array.astype(np.uint16, copy=False)


def coordinates(runs: LabelMap | Pieces) -> RunCoordinates:
    """Return the voxel indices of every run along the fastest, middle and slowest axis."""
    # Scalars of the columns' own type keep the columns in that type.
    fast, middle = (runs.start.dtype.type(runs.grid.shape[a]) for a in runs.axes[:2])
    line = runs.start // fast
    begin = runs.start - line * fast
    slow = line // middle
    return RunCoordinates(begin, begin + runs.lengths, line - slow * middle, slow)


def concatenated(each: Sequence[LabelMap]) -> LabelMap:
    """Return the runs of maps of one grid and axes as they are, map after map; at least one map.

    They are in the order of positions only if the maps are.
    """
    start, stop, label = (
        np.concatenate([getattr(one, column) for one in each])
        for column in ("start", "stop", "label")
    )
    return LabelMap(each[0].grid, each[0].axes, start, stop, label)


def join(like: LabelMap, start: Positions, stop: Positions, label: Labels) -> LabelMap:
    """Make runs that are sorted and lie within lines canonical, on the grid of `like`.

    Drops label 0 and empty runs, and joins equal runs that touch within a line. Columns in which
    there is nothing to do are not copied.
    """
    if kernels.compiled is not None:
        columns, line, kind = contiguous(start, stop, label), like.line_length, like.start.dtype
        n = kernels.compiled.join(*columns, line)
        if n < label.size:
            left = np.empty(n, kind), np.empty(n, kind), np.empty(n, np.uint16)
            kernels.compiled.join(*columns, line, *left)
            start, stop, label = left
        return _of_kind(like, start, stop, label)
    kept = np.flatnonzero((label != 0) & (stop > start))
    if kept.size < label.size:
        start, stop, label = start[kept], stop[kept], label[kept]
    touch = (start[1:] == stop[:-1]) & (label[1:] == label[:-1])
    seams = np.flatnonzero(touch) + 1
    # Few runs touch, so the division that finds the line starts is done on those alone.
    seams = seams[start[seams] % like.line_length != 0]
    if seams.size:
        first = np.ones(start.size, dtype=bool)
        first[seams] = False
        last = np.ones(start.size, dtype=bool)
        last[seams - 1] = False
        start, stop, label = start[first], stop[last], label[first]
    return _of_kind(like, start, stop, label)


def _of_kind(like: LabelMap, start: Positions, stop: Positions, label: Labels) -> LabelMap:
    """Return a label map whose positions have the type of those of another."""
    start, stop = (side.astype(like.start.dtype, copy=False) for side in (start, stop))
    return LabelMap(like.grid, like.axes, start, stop, label)


def empty(grid: Grid, axes: Axes) -> LabelMap:
    """Return the label map without a run."""
    nowhere = np.empty(0, dtype=position_dtype(grid.size))
    return LabelMap(grid, axes, nowhere, nowhere, np.empty(0, dtype=np.uint16))
