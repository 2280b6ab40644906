"""How often each image value occurs in each label: exact means, spreads and percentiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.crop import Box, bounds, crop, slabs, slices
from vesalius.engine.runs.intensity import LARGEST_VALUE, Values
from vesalius.engine.runs.labelmap import LabelMap, decode

_FINEST = 1.0 / 8.0
_LARGEST_SUM = (1 << 63) - 1
"""What a sum of 64 bits can hold; Python's own integers are needed beyond."""
_MOST_CELLS = 1 << 24
"""Cells of all histograms together: 128 MB."""


@dataclass(frozen=True, eq=False)
class ValueHistograms:
    """Histograms of an image's values, one row for each label.

    Parameters
    ----------
    step : float
        Values were rounded to whole multiples of it.
    lowest : int
        Value of the first bin, in steps.
    counts : ndarray of int64, shape (n, bins)
        Voxels by label and value. Voxels without a value are in no bin.
    """

    step: float
    lowest: int
    counts: NDArray[np.int64]

    def voxels(self, label: int) -> int:
        """Return the number of voxels of a label that have a value."""
        return self._sums(label)[0]

    def mean(self, label: int) -> float | None:
        """Return the mean of a label, None where it has no value."""
        n, first, _ = self._sums(label)
        return self.step * first / n if n else None

    def spread(self, label: int) -> float | None:
        """Return the standard deviation of a label's voxels, None where it has no value."""
        n, first, second = self._sums(label)
        # Whole numbers until the end: the difference of two large ones is small.
        return self.step * float((n * second - first * first) ** 0.5) / n if n else None

    def percentiles(self, label: int, percent: tuple[float, ...]) -> tuple[float | None, ...]:
        """Return percentiles of a label: the lowest value that so many voxels do not exceed.

        Parameters
        ----------
        label : int
            The label.
        percent : tuple of float
            0 to 100; 0 is the lowest value.

        Returns
        -------
        tuple of float or None
            None where the label has no value.
        """
        if not self.voxels(label):
            return (None,) * len(percent)
        count, value = self._filled[label]
        upto = np.cumsum(count)
        n = int(upto[-1])
        # A share that is a whole number of voxels must not be missed by the last bit.
        wanted = [max(1, ceil(p * n / 100 - 1e-9)) for p in percent]
        return tuple(self.step * each for each in value[np.searchsorted(upto, wanted)].tolist())

    def _sums(self, label: int) -> tuple[int, int, int]:
        """Return the number of values, their sum and the sum of their squares, in steps."""
        return self._all_sums[label] if label < len(self.counts) else (0, 0, 0)

    @cached_property
    def _all_sums(self) -> tuple[tuple[int, int, int], ...]:
        return tuple(_sums_of(*filled) for filled in self._filled)

    @cached_property
    def _filled(self) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]:
        """Voxels and values, in steps, of the bins of each label that are not empty."""
        bins = (np.flatnonzero(row) for row in self.counts)
        return tuple(
            (row[filled], filled + self.lowest)
            for row, filled in zip(self.counts, bins, strict=True)
        )


def _sums_of(count: NDArray[np.int64], value: NDArray[np.int64]) -> tuple[int, int, int]:
    n = int(count.sum())
    # Both ends, for the values ascend.
    largest = max(abs(int(value[0])), abs(int(value[-1]))) if value.size else 0
    if n * largest * largest > _LARGEST_SUM:
        wide, high = count.astype(object), value.astype(object)
        return n, int((wide * high).sum()), int((wide * high * high).sum())
    weighed = count * value
    return n, int(weighed.sum()), int(weighed @ value)


def value_histograms(labelmap: LabelMap, image: Values) -> ValueHistograms:
    """Count the values of an image in each label.

    Whole numbers are counted as they are. Others are rounded to steps of 1/8; where the values
    spread so far that this needs too much memory, to coarser ones.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    image : Values
        An image on the same grid; only the box of the runs is read, slab by slab.
    """
    n = labelmap.largest + 1
    box = bounds(labelmap)
    found = None if box is None else _range(labelmap, image, box)
    if box is None or found is None:
        return ValueHistograms(1.0, 0, np.zeros((n, 1), dtype=np.int64))
    low, high, whole, all_good = found
    step = 1.0 if whole else _FINEST
    while n * (_steps(high, step) - _steps(low, step) + 1) > _MOST_CELLS:
        step *= 2
    lowest = _steps(low, step)
    bins = _steps(high, step) - lowest + 1
    counts = np.zeros(n * bins, dtype=np.int64)
    for label, values in _labelled(labelmap, image, box, all_good=all_good):
        if values.dtype.kind in "iu" and step == 1.0:
            at = values.astype(np.int32) - np.int32(lowest)
        else:
            at = np.rint(values / step).astype(np.int32) - np.int32(lowest)
        # All cells together fit 32 bits, see _MOST_CELLS.
        at += label.astype(np.int32) * np.int32(bins)
        counts += np.bincount(at, minlength=n * bins)
    return ValueHistograms(step, lowest, counts.reshape(n, bins))


def _steps(value: float, step: float) -> int:
    return int(np.rint(value / step))


def _range(labelmap: LabelMap, image: Values, box: Box) -> tuple[float, float, bool, bool] | None:
    """Find the lowest and highest value, whether all are whole, and whether all are values.

    All values of the box are looked at, also those without a label: that is faster. None where
    there is none.
    """
    low, high, whole, all_good = np.inf, -np.inf, True, True
    for slab in slabs(labelmap, box):
        values = np.asarray(image.values(slices(slab)))
        # NaN makes an end that fails both comparisons.
        if not (values.min() >= -LARGEST_VALUE and values.max() <= LARGEST_VALUE):
            all_good = False
            values = values[(values >= -LARGEST_VALUE) & (values <= LARGEST_VALUE)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
            whole = whole and (values.dtype.kind in "iu" or bool(np.all(values == np.rint(values))))
    return (low, high, whole, all_good) if low <= high else None


def _labelled(
    labelmap: LabelMap, image: Values, box: Box, *, all_good: bool
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield labels and values of the voxels that have both, slab by slab."""
    order = labelmap.axes[::-1]
    for slab in slabs(labelmap, box):
        # Both in the memory order of the runs.
        labels = decode(crop(labelmap, slab)).transpose(order).reshape(-1)
        chosen = labels != 0
        values = np.asarray(image.values(slices(slab))).transpose(order).reshape(-1)[chosen]
        label = labels[chosen]
        if not all_good:
            # NaN fails both comparisons.
            good = (values >= -LARGEST_VALUE) & (values <= LARGEST_VALUE)
            label, values = label[good], values[good]
        yield label, values
