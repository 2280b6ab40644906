"""The surfaces of all labels as the corners between their voxels and others, without voxels.

A corner is where eight voxels meet; it lies on the surface of a label where some of them have it
and others do not. Along a line of corners the eight voxels come from four lines of voxels, so the
common refinement of the runs with themselves, shifted by a line, gives all corners.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import coordinates
from vesalius.engine.runs.crop import bounds, crop
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import Axes, LabelMap, position_dtype
from vesalius.engine.runs.ranges import ranges
from vesalius.engine.runs.sweeps import Refinement, keep_labels, refine_windows

_LINES = ((0, 0), (1, 0), (0, 1), (1, 1))
"""Shift of each copy of the mask along the middle and the slow axis."""
_ALL = 15


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Corners on the surfaces of labels, label after label.

    Parameters
    ----------
    axes : tuple of int
        Axes from fastest to slowest in memory.
    place : ndarray of int32, shape (n, 3)
        Along the fast, the middle and the slow axis: corner p lies between the voxels p - 1 and p.
    code : ndarray of uint8, shape (n,)
        Which of its eight voxels have the label: bit 4 b + 2 s + m for the voxel that lies before
        the corner along the fast (b), the slow (s), the middle axis (m), or else after it.
    begin : ndarray of int64, shape (labels + 1,)
        Where the corners of label 0 (it has none), 1, ... begin; and where all end.
    """

    axes: Axes
    place: NDArray[np.int32]
    code: NDArray[np.uint8]
    begin: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of corners."""
        return self.code.size

    def of(self, label: int) -> slice:
        """Return where the corners of a label are."""
        return slice(int(self.begin[label]), int(self.begin[label + 1]))

    @property
    def ijk(self) -> NDArray[np.int32]:
        """Places by array axis, shape (n, 3)."""
        return self.place[:, np.argsort(self.axes)]

    @property
    def inside(self) -> NDArray[np.uint8]:
        """Voxels as bits by array axis: 4a + 2b + c for (i - 1 + a, j - 1 + b, k - 1 + c)."""
        return bits_of_codes(self.axes)[self.code]


def surfaces(labelmap: LabelMap, labels: int | None = None) -> Surfaces:
    """Find the corners on the surface of each label; what lies beyond the grid has none.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    labels : int, optional
        One more than the largest label that is asked for; by default that of the map.
    """
    labels = labelmap.largest + 1 if labels is None else labels
    each = [_surface(labelmap, label) for label in range(labels)]
    begin = np.cumsum([0, *(code.size for _, code in each)], dtype=np.int64)
    return Surfaces(
        labelmap.axes,
        np.concatenate([place for place, _ in each]),
        np.concatenate([code for _, code in each]),
        begin,
    )


def _surface(labelmap: LabelMap, label: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Give place and code of each corner of one label, by numpy."""
    mask = keep_labels(labelmap, [label]) if label else labelmap
    box = bounds(mask) if label else None
    if box is None:
        return np.empty((0, 3), dtype=np.int32), np.empty(0, dtype=np.uint8)
    mask = crop(mask, box)
    fast, middle, _ = mask.shape_in_memory
    columns = [_corners(window.start, window.stop, window.labels) for window in _windows(mask)]
    position = np.concatenate([column[0] for column in columns]).astype(np.int64)
    code = np.concatenate([column[1] for column in columns]).astype(np.uint8)
    line, along = np.divmod(position, fast + 2)
    slow, row = np.divmod(line, middle + 1)
    order = np.lexsort((along, row, slow))
    place = np.stack((along - 1, row, slow), axis=1)[order]
    place += np.array([box[0][axis] for axis in mask.axes])
    return place.astype(np.int32), code[order]


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
        copies.append(LabelMap(grid, mask.axes, start, stop, ones))
    return refine_windows(copies)


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
    within = ranges(start[partly] + 1, length)
    position = np.concatenate([start, within, stop[ends]])
    code = np.concatenate(
        [16 * before + inside, np.repeat(17 * inside[partly], length), 16 * inside[ends]]
    )
    return position, code


@lru_cache(maxsize=6)
def bits_of_codes(axes: Axes) -> NDArray[np.uint8]:
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
