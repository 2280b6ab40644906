"""A box of a label map as a label map of its own, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import coordinates
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap, Positions, position_dtype, run_range

Box = tuple[tuple[int, int, int], tuple[int, int, int]]
"""Smallest voxel indices i, j, k and one more than the largest."""

# Voxels read at a time where an image is looked at: sums take forty bytes for each.
_SLAB = 1 << 20


def as_box(lo: Sequence[int] | NDArray[np.int64], hi: Sequence[int] | NDArray[np.int64]) -> Box:
    """Return plain integers."""
    lo_i, lo_j, lo_k = (int(v) for v in lo)
    hi_i, hi_j, hi_k = (int(v) for v in hi)
    return (lo_i, lo_j, lo_k), (hi_i, hi_j, hi_k)


def bounds(labelmap: LabelMap) -> Box | None:
    """Return the box of all runs, None where there is no run."""
    if not len(labelmap):
        return None
    where = coordinates(labelmap)
    lo, hi = [0, 0, 0], [0, 0, 0]
    columns = zip(
        labelmap.axes,
        (where.begin, where.middle, where.slow),
        (where.end, where.middle + 1, where.slow + 1),
        strict=True,
    )
    for axis, low, high in columns:
        lo[axis], hi[axis] = int(low.min()), int(high.max())
    return as_box(lo, hi)


def grown(box: Box, margin: Sequence[int], shape: tuple[int, int, int]) -> Box:
    """Return a box with a margin of voxels along each axis, as far as the grid goes."""
    lo = [max(0, low - m) for low, m in zip(box[0], margin, strict=True)]
    hi = [min(n, high + m) for high, m, n in zip(box[1], margin, shape, strict=True)]
    return as_box(lo, hi)


def crop(labelmap: LabelMap, box: Box) -> LabelMap:
    """Return what lies in a box, on the grid of that box.

    Parameters
    ----------
    labelmap : LabelMap
        The runs; equal ones may touch.
    box : tuple of two tuples of int
        Not empty, within the grid.

    Returns
    -------
    LabelMap
        The runs clipped to the box; the affine gives the same positions in mm.
    """
    lo, hi = box
    fast, middle, slow = labelmap.axes
    # The runs of its planes lie one after the other.
    plane = labelmap.grid.shape[fast] * labelmap.grid.shape[middle]
    some = run_range(labelmap, lo[slow] * plane, hi[slow] * plane)
    columns = (labelmap.start[some], labelmap.stop[some], labelmap.label[some])
    labelmap = LabelMap(labelmap.grid, labelmap.axes, *columns)
    where = coordinates(labelmap)
    kept = np.flatnonzero(
        (where.begin < hi[fast])
        & (where.end > lo[fast])
        & (where.middle >= lo[middle])
        & (where.middle < hi[middle])
    )
    grid = box_grid(labelmap.grid, box)
    kind = position_dtype(grid.size)
    line = (where.slow[kept] - lo[slow]).astype(kind) * kind.type(grid.shape[middle])
    line += (where.middle[kept] - lo[middle]).astype(kind)
    line *= kind.type(grid.shape[fast])
    begin = np.maximum(where.begin[kept], lo[fast]) - lo[fast]
    end = np.minimum(where.end[kept], hi[fast]) - lo[fast]
    return LabelMap(grid, labelmap.axes, line + begin, line + end, labelmap.label[kept])


def box_grid(grid: Grid, box: Box) -> Grid:
    """Return the grid of a box."""
    lo, hi = box
    affine = np.array(grid.affine)
    affine[:3, 3] = grid.to_mm(lo)
    i, j, k = (high - low for low, high in zip(lo, hi, strict=True))
    return Grid((i, j, k), affine)


def uncrop(cropped: LabelMap, like: LabelMap, box: Box) -> LabelMap:
    """Return the runs of a cropped map on the grid that it was cropped from.

    Parameters
    ----------
    cropped : LabelMap
        As :func:`crop` returns it, perhaps edited.
    like : LabelMap
        A map on the whole grid with the same axes.
    box : tuple of two tuples of int
        The box.
    """
    lo = box[0]
    fast, middle, slow = like.axes
    shape = like.grid.shape
    where = coordinates(cropped)
    kind = like.start.dtype
    line: Positions = (where.slow + lo[slow]).astype(kind) * kind.type(shape[middle])
    line += (where.middle + lo[middle]).astype(kind)
    line *= kind.type(shape[fast])
    begin, end = line + (where.begin + lo[fast]), line + (where.end + lo[fast])
    return LabelMap(like.grid, like.axes, begin, end, cropped.label)


def slabs(labelmap: LabelMap, box: Box) -> Iterator[Box]:
    """Yield boxes of about a million voxels that part a box along the slowest axis.

    Each has at least one plane.
    """
    slow = labelmap.axes[2]
    lo, hi = box
    plane = 1
    for axis in labelmap.axes[:2]:
        plane *= hi[axis] - lo[axis]
    step = max(1, _SLAB // plane)
    for begin in range(lo[slow], hi[slow], step):
        low, high = list(lo), list(hi)
        low[slow], high[slow] = begin, min(begin + step, hi[slow])
        yield as_box(low, high)


def slices(box: Box) -> tuple[slice, slice, slice]:
    """Return the slices of a box in an array."""
    i, j, k = (slice(low, high) for low, high in zip(*box, strict=True))
    return i, j, k
