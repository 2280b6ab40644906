"""A label map made from voxels that come a few lines at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import (
    LabelMap,
    decode,
    encode,
    encode_lines,
    position_dtype,
)

_ALONG_FIRST = (0, 1, 2)


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
        none, label = np.empty(0, dtype=self._kind), np.empty(0, dtype=np.uint16)
        self._columns: list[tuple[NDArray[Any], ...]] = [(none, none, label)]
        self._first = 0

    def add(self, voxels: NDArray[np.integer[Any]]) -> None:
        """Take the next whole lines, shape (m,).

        Raises
        ------
        ValueError
            If a label is outside 0..65535.
        """
        line = self._grid.shape[0]
        self._columns.append(encode_lines(voxels, line, self._first, self._kind))
        self._first += voxels.size

    def joined(self) -> LabelMap:
        """Return the label map: as `encode` makes it of the whole volume."""
        columns = zip(*self._columns, strict=True)
        runs = LabelMap(self._grid, _ALONG_FIRST, *(np.concatenate(list(c)) for c in columns))
        self._columns.clear()
        # Lines of one voxel would be many runs: encode lays them along another axis.
        return encode(decode(runs), self._grid.affine) if 1 in self._grid.shape else runs
