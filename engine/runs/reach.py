"""What of some runs comes near enough to others that a distance need be taken."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import Pieces, coordinates
from vesalius.engine.runs.grid import plane_spacing_mm
from vesalius.engine.runs.labelmap import LabelMap

Keys = NDArray[np.integer[Any]]

MARGIN_MM = 1e-3
"""Added to a reach, so that rounding never loses the nearest voxel."""


class _Cells(NamedTuple):
    """Blocks of lines, by ascending code, and the first and last voxel that is near them."""

    code: NDArray[np.int64]
    lo: NDArray[np.int64]
    hi: NDArray[np.int64]


def within_reach(
    runs: LabelMap,
    around: LabelMap | Pieces,
    reach_mm: float,
    key: Keys | None = None,
    around_key: Keys | None = None,
) -> Pieces:
    """Cut runs down to what may be within a distance of others.

    Parameters
    ----------
    runs : LabelMap
        What is cut down.
    around : LabelMap or Pieces
        The others, on the same grid and axes.
    reach_mm : float
        The distance.
    key, around_key : ndarray of int, shape (number of runs,), optional
        Only what has the same key counts, from 0; by default all does.

    Returns
    -------
    Pieces
        All voxels of `runs` within the distance of one of `around`, and some that are not.
    """
    reach = np.ceil((reach_mm + MARGIN_MM) / plane_spacing_mm(runs.grid))
    along, middle, slow = (int(min(reach[axis], runs.grid.shape[axis])) for axis in runs.axes)
    blocks = _Blocks(runs, max(middle, 1), max(slow, 1))
    cells = _grown(blocks.cells(around, around_key), blocks, along)
    where = coordinates(runs)
    code = blocks.codes(where.middle, where.slow, key)
    at = np.searchsorted(cells.code, code)
    at[at == cells.code.size] = 0
    rows = np.flatnonzero(cells.code[at] == code) if cells.code.size else at[:0]
    at = at[rows]
    begin, end = where.begin[rows], where.end[rows]
    cut_begin, cut_end = np.maximum(begin, cells.lo[at]), np.minimum(end, cells.hi[at])
    kept = np.flatnonzero(cut_end > cut_begin)
    rows = rows[kept]
    kind = runs.start.dtype
    start = runs.start[rows] + (cut_begin[kept] - begin[kept]).astype(kind)
    stop = runs.stop[rows] - (end[kept] - cut_end[kept]).astype(kind)
    return Pieces(runs, start, stop, rows)


class _Blocks:
    """How lines are counted in blocks of a reach by a reach, with a margin of one block."""

    def __init__(self, runs: LabelMap, middle: int, slow: int) -> None:
        self._middle, self._slow = middle, slow
        self.wide = -(-runs.grid.shape[runs.axes[1]] // middle) + 2
        self._high = -(-runs.grid.shape[runs.axes[2]] // slow) + 2

    def codes(
        self, middle: NDArray[np.integer[Any]], slow: NDArray[np.integer[Any]], key: Keys | None
    ) -> NDArray[np.int64]:
        """Return the code of the block of each line."""
        code: NDArray[np.int64] = (slow // slow.dtype.type(self._slow)).astype(np.int64) + 1
        if key is not None:
            code += key.astype(np.int64) * self._high
        code *= self.wide
        code += middle // middle.dtype.type(self._middle) + middle.dtype.type(1)
        return code

    def cells(self, around: LabelMap | Pieces, key: Keys | None) -> _Cells:
        """Return the blocks that hold runs, with the first and last voxel of those."""
        where = coordinates(around)
        code = self.codes(where.middle, where.slow, key)
        return _merged(_Cells(code, where.begin.astype(np.int64), where.end.astype(np.int64)))


def _grown(cells: _Cells, blocks: _Blocks, along: int) -> _Cells:
    """Grow cells by one block to all sides, and by so many voxels along the line."""
    steps = [slow * blocks.wide + middle for slow in (-1, 0, 1) for middle in (-1, 0, 1)]
    code = np.concatenate([cells.code + step for step in steps])
    return _merged(_Cells(code, np.tile(cells.lo - along, 9), np.tile(cells.hi + along, 9)))


def _merged(cells: _Cells) -> _Cells:
    """Make one of all cells of one code."""
    if not cells.code.size:
        return cells
    order = np.argsort(cells.code, kind="stable")
    code = cells.code[order]
    first = np.flatnonzero(np.diff(code, prepend=code[0] - 1))
    lo = np.minimum.reduceat(cells.lo[order], first)
    return _Cells(code[first], lo, np.maximum.reduceat(cells.hi[order], first))
