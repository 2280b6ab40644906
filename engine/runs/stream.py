"""A label map made from voxels that come a few lines at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import (
    LabelMap,
    decode,
    encode,
    encode_lines,
    position_dtype,
)

_ALONG_FIRST = (0, 1, 2)
_VOXELS_OF_RUN = 16
"""What is guessed of the runs of a block: with more, the block is looked at twice."""


class RunStream:
    """Runs of a volume in Fortran order.

    Parameters
    ----------
    grid : Grid
        Shape and affine of all of it.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._kind = position_dtype(grid.size)
        self._columns: tuple[NDArray[Any], ...] = self._room(0)
        self._runs = 0
        self._first = 0

    def add(self, voxels: NDArray[np.integer[Any]]) -> None:
        """Take the next whole lines, shape (m,).

        Raises
        ------
        ValueError
            If a label is outside 0..65535.
        """
        line = self._grid.shape[0]
        self._make_room(voxels.size // _VOXELS_OF_RUN)
        if kernels.compiled is not None and kernels.takes_voxels(voxels):
            while True:
                found = kernels.compiled.encode(
                    voxels, line, self._first, *self._columns, self._runs
                )
                if not self._make_room(found):
                    break
        else:
            runs = encode_lines(voxels, line, self._first, self._kind)
            found = runs[0].size
            self._make_room(found)
            for column, values in zip(self._columns, runs, strict=True):
                column[self._runs : self._runs + found] = values
        self._runs += found
        self._first += voxels.size

    def joined(self) -> LabelMap:
        """Return the label map: as `encode` makes it of the whole volume."""
        start, stop, label = (column[: self._runs].copy() for column in self._columns)
        self._columns, self._runs = self._room(0), 0
        runs = LabelMap(self._grid, _ALONG_FIRST, start, stop, label)
        # Lines of one voxel would be many runs: encode lays them along another axis.
        return encode(decode(runs), self._grid.affine) if 1 in self._grid.shape else runs

    def _room(self, runs: int) -> tuple[NDArray[Any], ...]:
        return np.empty(runs, self._kind), np.empty(runs, self._kind), np.empty(runs, np.uint16)

    def _make_room(self, more: int) -> bool:
        """Make room for more runs, and for half as many again as there are; False if there was."""
        if self._runs + more <= self._columns[0].size:
            return False
        wider = self._room(self._runs + max(more, self._columns[0].size // 2))
        for column, old in zip(wider, self._columns, strict=True):
            column[: self._runs] = old[: self._runs]
        self._columns = wider
        return True
