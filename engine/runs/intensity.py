"""Mean image values of labels, exact to the last bit whatever the order of voxels.

Values are summed in whole steps of 1/1024, so the sum of floats does not depend on the
orientation of the array. Values that are not finite or beyond 2**18 are no Hounsfield values
and are left out.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.crop import bounds, crop, slabs, slices
from vesalius.engine.runs.labelmap import LabelMap, decode

_STEPS = 1024.0
LARGEST_VALUE = float(1 << 18)
"""What lies beyond is no Hounsfield value."""


class Values(Protocol):
    """An image that gives its values box by box."""

    def values(self, slab: tuple[slice, slice, slice]) -> NDArray[np.generic]:
        """Return the values of a box of voxels, in index order i, j, k."""


class Sums(NamedTuple):
    """Sums of an image over labels.

    Parameters
    ----------
    voxels : ndarray of int64, shape (n,)
        Voxels that count, by label.
    sums : ndarray of int64, shape (n,)
        Sums of their values in steps of 1/1024, by label.
    """

    voxels: NDArray[np.int64]
    sums: NDArray[np.int64]

    def mean(self, label: int) -> float | None:
        """Return the mean of a label, None where it has no voxel that counts."""
        if label >= self.voxels.size or not self.voxels[label]:
            return None
        return int(self.sums[label]) / (_STEPS * int(self.voxels[label]))


def label_sums(labelmap: LabelMap, image: Values) -> Sums:
    """Sum an image over each label.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    image : Values
        An image on the same grid; only the box of the runs is read, slab by slab.
    """
    n = labelmap.largest + 1
    voxels, sums = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    box = bounds(labelmap)
    if box is None:
        return Sums(voxels, sums)
    for slab in slabs(labelmap, box):
        # Both in the memory order of the runs.
        order = labelmap.axes[::-1]
        near = crop(labelmap, slab)
        if not len(near):
            continue
        flat = np.asarray(image.values(slices(slab))).transpose(order).reshape(-1)
        if flat.dtype.kind in "iu" and flat.dtype.itemsize <= 2:
            # Every value counts: whole runs are summed.
            voxels += np.bincount(near.label, weights=near.lengths, minlength=n).astype(np.int64)
            steps = _run_sums(near, flat) * np.int64(_STEPS)
            sums += np.bincount(near.label, weights=steps, minlength=n).astype(np.int64)
            continue
        labels = decode(near).transpose(order).reshape(-1)
        chosen = np.flatnonzero(labels)
        values = flat[chosen].astype(np.float64)
        # NaN fails both comparisons.
        good = (values >= -LARGEST_VALUE) & (values <= LARGEST_VALUE)
        label = labels[chosen][good]
        voxels += np.bincount(label, minlength=n)
        # Planes of up to 2**24 voxels and values of at most 2**28 steps: exact in float64.
        steps = np.rint(values[good] * _STEPS)
        sums += np.bincount(label, weights=steps, minlength=n).astype(np.int64)
    return Sums(voxels, sums)


def _run_sums(labelmap: LabelMap, values: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return the sum of the values of each run, shape (n,)."""
    bounds_of_runs = np.column_stack((labelmap.start, labelmap.stop)).reshape(-1)
    if bounds_of_runs[-1] == values.size:
        bounds_of_runs = bounds_of_runs[:-1]
    found: NDArray[np.int64] = np.add.reduceat(values, bounds_of_runs, dtype=np.int64)
    return found[::2]
