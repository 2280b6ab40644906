"""Bringing an array into the memory order of a file: the first axis is the fastest."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TILE = 64


def in_fortran_order(array: NDArray[Any]) -> NDArray[Any]:
    """Give an array, shape (i, j, k), in Fortran order, copied only where it is not.

    Parameters
    ----------
    array : ndarray, shape (i, j, k)
        Is not changed.

    Returns
    -------
    ndarray, shape (i, j, k)
        A view where nothing had to be done, so that the caller's own array stays writable.
    """
    if array.flags.f_contiguous:
        return array.view()
    out = np.empty(array.shape, array.dtype, order="F")
    # In tiles that fit the cache whichever axes are exchanged.
    tiles = [range(0, n, _TILE) for n in array.shape]
    for corner in product(*tiles):
        tile = tuple(slice(first, first + _TILE) for first in corner)
        out[tile] = array[tile]
    return out
