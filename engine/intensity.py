"""Mean image values of labels, exact to the last bit whatever the order of voxels.

Values are summed in whole steps of 1/1024, so the sum of floats does not depend on the
orientation of the array. Values that are not finite or beyond 2**18 are no Hounsfield values
and are left out.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.crop import bounds, crop, slabs, slices
from vesalius.engine.labelmap import LabelMap, decode

_STEPS = 1024.0
_LARGEST = float(1 << 18)


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
        labels = decode(crop(labelmap, slab)).transpose(order).reshape(-1)
        chosen = np.flatnonzero(labels)
        if not chosen.size:
            continue
        image_slab = np.asarray(image.values(slices(slab)))
        values = image_slab.transpose(order).reshape(-1)[chosen].astype(np.float64)
        # NaN fails both comparisons.
        good = (values >= -_LARGEST) & (values <= _LARGEST)
        label = labels[chosen][good]
        voxels += np.bincount(label, minlength=n)
        # A slab has at most 2**24 voxels, as sums of at most 2**28 steps: exact in float64.
        steps = np.rint(values[good] * _STEPS)
        sums += np.bincount(label, weights=steps, minlength=n).astype(np.int64)
    return Sums(voxels, sums)
