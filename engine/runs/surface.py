"""The surface of a mask as the corners between its voxels and others, without voxels.

A corner is where eight voxels meet; it lies on the surface where some of them belong to the mask
and others do not. Along a line of corners the eight voxels come from four lines of voxels, so the
common refinement of the mask with itself, shifted by a line, gives all corners.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import coordinates
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import Axes, LabelMap, position_dtype
from vesalius.engine.runs.sweeps import Refinement, refine_windows

_LINES = ((0, 0), (1, 0), (0, 1), (1, 1))
"""Shift of each copy of the mask along the middle and the slow axis."""
_ALL = 15


@dataclass(frozen=True, eq=False)
class Surface:
    """Corners on the surface of a mask.

    Parameters
    ----------
    ijk : ndarray of int64, shape (n, 3)
        Corner (i, j, k) lies between the voxels i - 1 and i, j - 1 and j, k - 1 and k.
    inside : ndarray of uint8, shape (n,)
        Which of its eight voxels belong to the mask: bit 4a + 2b + c for the voxel
        (i - 1 + a, j - 1 + b, k - 1 + c).
    """

    ijk: NDArray[np.int64]
    inside: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of corners."""
        return self.inside.size


def surface(mask: LabelMap) -> Surface:
    """Find the corners on the surface of all labelled voxels together.

    Parameters
    ----------
    mask : LabelMap
        Every label counts as inside; what lies beyond the grid is outside.

    Returns
    -------
    Surface
        In the order of the corners in memory.
    """
    fast, middle, slow = mask.axes
    columns = [_corners(window.start, window.stop, window.labels) for window in _windows(mask)]
    position = np.concatenate([column[0] for column in columns])
    code = np.concatenate([column[1] for column in columns])
    shape = mask.grid.shape
    line, along = np.divmod(position.astype(np.int64), shape[fast] + 2)
    ijk = np.empty((position.size, 3), dtype=np.int64)
    ijk[:, fast] = along - 1
    ijk[:, slow], ijk[:, middle] = np.divmod(line, shape[middle] + 1)
    return Surface(ijk, _bits(mask.axes)[code])


def _windows(mask: LabelMap) -> Iterator[Refinement]:
    """Refine four copies of the mask, each on the grid of the corners' lines."""
    fast, middle, slow = mask.axes
    shape = list(mask.grid.shape)
    # A voxel of nothing on either end keeps a run from touching that of the next line.
    shape[fast], shape[middle], shape[slow] = shape[fast] + 2, shape[middle] + 1, shape[slow] + 1
    grid = Grid((shape[0], shape[1], shape[2]), mask.grid.affine)
    kind = position_dtype(grid.size).type
    where = coordinates(mask)
    ones = np.ones(len(mask), dtype=np.uint16)
    copies = []
    for shift_middle, shift_slow in _LINES:
        line = (where.slow + shift_slow).astype(kind) * kind(shape[middle])
        line += (where.middle + shift_middle).astype(kind)
        start = line * kind(shape[fast]) + where.begin.astype(kind) + kind(1)
        stop = start + (where.end - where.begin).astype(kind)
        copies.append(_joined(LabelMap(grid, mask.axes, start, stop, ones)))
    return refine_windows(copies)


def _joined(copy: LabelMap) -> LabelMap:
    """Join runs of different labels that touch: inside is inside."""
    seams = copy.start[1:] == copy.stop[:-1]
    if not seams.any():
        return copy
    first, last = np.append(True, ~seams), np.append(~seams, True)
    ones = np.ones(int(first.sum()), dtype=np.uint16)
    return LabelMap(copy.grid, copy.axes, copy.start[first], copy.stop[last], ones)


def _corners(
    start: NDArray[np.signedinteger], stop: NDArray[np.signedinteger], labels: NDArray[np.uint16]
) -> tuple[NDArray[np.signedinteger], NDArray[np.uint16]]:
    """Give position and code of each corner of a window: 16 times what is before, plus after."""
    inside = (labels != 0).astype(np.uint16) @ np.array([1, 2, 4, 8], dtype=np.uint16)
    follows = start[1:] == stop[:-1]
    before = np.zeros(start.size, dtype=np.uint16)
    before[1:] = np.where(follows, inside[:-1], 0)
    ends = np.append(~follows, True) if start.size else follows
    partly = np.flatnonzero(inside != _ALL)
    length = (stop - start)[partly] - 1
    # Every corner within a stretch of which only some lines are inside.
    offset = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    within = np.repeat(start[partly] + 1, length) + offset.astype(start.dtype)
    position = np.concatenate([start, within, stop[ends]])
    code = np.concatenate(
        [16 * before + inside, np.repeat(17 * inside[partly], length), 16 * inside[ends]]
    )
    return position, code


@lru_cache(maxsize=6)
def _bits(axes: Axes) -> NDArray[np.uint8]:
    """Give the eight voxels of each code, as bits in the order of the array's axes."""
    weight = np.array([[[1, 2], [4, 8]], [[16, 32], [64, 128]]], dtype=np.int64)
    fast, middle, slow = axes
    bits = np.zeros(256, dtype=np.int64)
    for code in range(256):
        for line, (shift_middle, shift_slow) in enumerate(_LINES):
            for after, lines in ((0, code >> 4), (1, code & _ALL)):
                if lines >> line & 1:
                    at = [0, 0, 0]
                    at[fast], at[middle], at[slow] = after, 1 - shift_middle, 1 - shift_slow
                    bits[code] += weight[tuple(at)]
    return bits.astype(np.uint8)
