"""The integers of many ranges, one range after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ranges(
    first: NDArray[np.signedinteger[Any]], count: NDArray[np.integer[Any]]
) -> NDArray[np.signedinteger[Any]]:
    """Return what `np.arange(f, f + c)` gives for each `f` and `c`, put together.

    Parameters
    ----------
    first : ndarray of int, shape (n,)
        Where each range begins.
    count : ndarray of int, shape (n,)
        How many integers each has; may be 0.

    Returns
    -------
    ndarray, shape (sum of count,)
        Of the type of `first`.
    """
    # A running number, set back to the first of each range where that begins.
    offset = first - (np.cumsum(count) - count)
    found = np.arange(int(count.sum()), dtype=first.dtype)
    found += np.repeat(offset.astype(first.dtype), count)
    return found
