"""How the voxels of an array lie in memory, and a way through them in any order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Voxels at a time: they stay in the cache; copies to another order need thick blocks for that.
_BLOCK, _STRIDED_BLOCK = 1 << 19, 1 << 23


def memory_axes(array: NDArray[Any]) -> tuple[int, int, int]:
    """Return the axes of a three-dimensional array from fastest to slowest in memory."""
    # The stride of an axis of length one means nothing, and lines of one voxel would be many
    # runs: such an axis goes last.
    strides = [
        (n == 1, abs(s), a) for a, (n, s) in enumerate(zip(array.shape, array.strides, strict=True))
    ]
    fast, middle, slow = (a for _, _, a in sorted(strides))
    return fast, middle, slow


def blocks(array: NDArray[Any], axes: tuple[int, int, int]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield the voxels of an array in `axes` order, a few whole lines at a time.

    Parameters
    ----------
    array : ndarray, shape (i, j, k)
        Any memory order, also a non-contiguous view.
    axes : tuple of int
        Axes from fastest to slowest.

    Yields
    ------
    first : int
        Flat position of the first voxel of the block.
    voxels : ndarray, shape (m,)
        The block; a view where the array is contiguous in this order, else a copy.
    """
    fast, middle, slow = axes
    ordered = array.transpose(slow, middle, fast)
    line = ordered.shape[2]
    if ordered.flags.c_contiguous:
        flat = ordered.reshape(-1)
        step = max(1, _BLOCK // line) * line
        for first in range(0, flat.size, step):
            yield first, flat[first : first + step]
        return
    plane = ordered.shape[1] * line
    thick = max(1, _STRIDED_BLOCK // plane)
    rows = ordered.shape[1] if plane <= _STRIDED_BLOCK else max(1, _STRIDED_BLOCK // line)
    for upper in range(0, ordered.shape[0], thick):
        for row in range(0, ordered.shape[1], rows):
            part = np.ascontiguousarray(ordered[upper : upper + thick, row : row + rows])
            yield upper * plane + row * line, part.reshape(-1)
