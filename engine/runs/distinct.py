"""The different ones of some integers, and which are among them.

Without the masked arrays that numpy loads for its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return what `numpy.unique` returns of integers: each that occurs, ascending."""
    ordered = np.sort(values.reshape(-1))
    kept = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=kept[1:])
    return np.asarray(ordered[kept])


def among(values: NDArray[Any], chosen: NDArray[Any]) -> NDArray[np.bool_]:
    """Return what `numpy.isin` returns of integers, of which the chosen ascend."""
    if not chosen.size:
        return np.zeros(values.shape, dtype=bool)
    at = np.minimum(np.searchsorted(chosen, values), chosen.size - 1)
    return np.asarray(chosen[at] == values)
