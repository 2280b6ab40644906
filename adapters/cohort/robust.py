"""Where values lie and how far they spread, whatever a few of them are."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

_NORMAL = 1.4826
"""Median absolute deviation to standard deviation, of a normal distribution."""


def middle_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Give the median, and the median absolute deviation as a standard deviation."""
    middle = median(values)
    return middle, _NORMAL * median(abs(value - middle) for value in values)
