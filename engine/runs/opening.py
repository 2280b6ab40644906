"""What is not thin in a mask: found a few planes at a time, and kept as runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.crop import Box, as_box, box_grid, slices
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import Axes, LabelMap, encode_lines, position_dtype

_SLAB = 1 << 22
"""Voxels of a box that are opened at a time."""


class PackedMask:
    """A mask that takes a bit a voxel, written and read in planes of the slowest axis.

    Parameters
    ----------
    grid : Grid
        Shape and affine.
    axes : tuple of int
        Axes from fastest to slowest.
    """

    def __init__(self, grid: Grid, axes: Axes) -> None:
        self.grid, self.axes = grid, axes
        fast, middle, slow = (grid.shape[axis] for axis in axes)
        self._plane = middle, fast
        self._bits = np.zeros((slow, -(-middle * fast // 8)), dtype=np.uint8)
        # By axis, from slowest to fastest: where anything is set.
        self._seen = [np.zeros(n, dtype=bool) for n in (slow, middle, fast)]

    def write(self, first: int, mask: NDArray[np.bool_]) -> None:
        """Take the planes from `first` on, shape (i, j, k) with the slowest axis shortened."""
        planes = mask.transpose(self.axes[::-1])
        some = slice(first, first + len(planes))
        self._bits[some] = np.packbits(planes.reshape(len(planes), -1), axis=1)
        rows = np.logical_or.reduce(planes, axis=2)
        self._seen[0][some] = rows.any(axis=1)
        self._seen[1] |= rows.any(axis=0)
        self._seen[2] |= planes.any(axis=(0, 1))

    def box(self) -> Box | None:
        """Return the box of what is set, None where nothing is."""
        lo, hi = [0, 0, 0], [0, 0, 0]
        for axis, seen in zip(self.axes[::-1], self._seen, strict=True):
            places = np.flatnonzero(seen)
            if not places.size:
                return None
            lo[axis], hi[axis] = int(places[0]), int(places[-1]) + 1
        return as_box(lo, hi)

    def read(self, box: Box) -> NDArray[np.bool_]:
        """Return a box of it, in index order i, j, k, in the memory order of the axes."""
        lo, hi = box
        slow = self.axes[2]
        middle, fast = self._plane
        bits = self._bits[lo[slow] : hi[slow]]
        planes = np.unpackbits(bits, axis=1, count=middle * fast).view(bool)
        mask = planes.reshape(-1, middle, fast).transpose(np.argsort(self.axes[::-1]))
        where = list(slices(box))
        where[slow] = slice(None)
        return mask[tuple(where)]


def opened_runs(
    mask: PackedMask, box: Box, windows: Sequence[int], ends: Sequence[tuple[bool, bool]]
) -> LabelMap:
    """Return the union of all boxes of a size that fit into what lies in a box of a mask, as runs.

    Parameters
    ----------
    mask : PackedMask
        The mask.
    box : tuple of two tuples of int
        What is looked at.
    windows, ends
        As in `opened`, of the box.

    Returns
    -------
    LabelMap
        Label 1, on the grid of the box.
    """
    axes = mask.axes
    slow = axes[2]
    grid = box_grid(mask.grid, box)
    kind = position_dtype(grid.size)
    planes = grid.shape[slow]
    plane = grid.size // planes
    reach = windows[slow] - 1
    step = max(1, 2 * reach, _SLAB // plane)
    columns = []
    for begin in range(0, planes, step):
        end = min(begin + step, planes)
        # Whether a voxel stays is decided by what lies within a window of it.
        low, high = max(0, begin - reach), min(planes, end + reach)
        lo, hi = list(box[0]), list(box[1])
        lo[slow], hi[slow] = box[0][slow] + low, box[0][slow] + high
        margins = [(width - 1, width - 1) for width in windows]
        margins[slow] = max(0, reach - begin), max(0, end + reach - planes)
        thick = _opened(mask.read(as_box(lo, hi)), windows, ends, margins)
        flat = np.ascontiguousarray(thick.transpose(axes[::-1])).reshape(-1).view(np.uint8)
        columns.append(encode_lines(flat, grid.shape[axes[0]], begin * plane, kind))
    start, stop, label = (np.concatenate(column) for column in zip(*columns, strict=True))
    return LabelMap(grid, axes, start, stop, label)


def opened(
    mask: NDArray[np.bool_], windows: Sequence[int], ends: Sequence[tuple[bool, bool]]
) -> NDArray[np.bool_]:
    """Return the union of all boxes of a size that fit into a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (i, j, k)
        The mask.
    windows : sequence of int, shape (3,)
        Voxels of the box along each axis.
    ends : sequence of tuple of bool, shape (3, 2)
        What lies beyond the first and the last plane along each axis.
    """
    return _opened(mask, windows, ends, [(width - 1, width - 1) for width in windows])


def _opened(
    mask: NDArray[np.bool_],
    windows: Sequence[int],
    ends: Sequence[tuple[bool, bool]],
    margins: Sequence[tuple[int, int]],
) -> NDArray[np.bool_]:
    """Open with so many planes added at both ends of each axis; what is left without them."""
    for axis, (width, beyond) in enumerate(zip(windows, ends, strict=True)):
        mask = _slid(_padded(mask, axis, margins[axis], beyond), axis, width, np.logical_and)
    for axis, width in enumerate(windows):
        mask = _slid(mask, axis, width, np.logical_or)
    return mask


def _padded(
    mask: NDArray[np.bool_], axis: int, margins: tuple[int, int], beyond: tuple[bool, bool]
) -> NDArray[np.bool_]:
    """Add planes at both ends of an axis; the memory order stays."""
    if margins == (0, 0):
        return mask
    first, last = (
        np.broadcast_to(np.array(value), (*mask.shape[:axis], margin, *mask.shape[axis + 1 :]))
        for margin, value in zip(margins, beyond, strict=True)
    )
    shape = list(mask.shape)
    shape[axis] += sum(margins)
    wide = np.empty_like(mask, shape=shape)
    np.concatenate((first, mask, last), axis=axis, out=wide)
    return wide


def _slid(
    mask: NDArray[np.bool_], axis: int, width: int, combine: Callable[..., Any]
) -> NDArray[np.bool_]:
    """Combine each `width` neighbours along an axis; `width` - 1 fewer planes remain."""
    done = 1
    while done < width:
        # Twice as many with each pass, for two stretches may overlap.
        step = min(done, width - done)
        here, there = [slice(None)] * 3, [slice(None)] * 3
        here[axis], there[axis] = slice(None, -step), slice(step, None)
        mask = combine(mask[tuple(here)], mask[tuple(there)])
        done += step
    return mask
