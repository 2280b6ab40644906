"""The median, without the masked arrays that numpy loads for its own."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def median(values: ArrayLike) -> float:
    """Return what `numpy.median` returns of at least one number, whatever their shape."""
    numbers = np.asarray(values).reshape(-1)
    if numbers.dtype.kind != "f":
        numbers = numbers.astype(np.float64)
    if np.isnan(numbers).any():
        return math.nan
    low, high = (numbers.size - 1) // 2, numbers.size // 2
    ordered = np.partition(numbers, (low, high))
    return float((ordered[low] + ordered[high]) / 2)
