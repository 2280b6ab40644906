"""How many voxels each pair of labels of two maps has in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.sweeps import check_same_shape, refine_windows


def pair_voxels(one: LabelMap, other: LabelMap) -> NDArray[np.int64]:
    """Count the voxels of every pair of labels.

    Parameters
    ----------
    one, other : LabelMap
        Of one shape, with the same axes.

    Returns
    -------
    ndarray of int64, shape (1 + largest of one, 1 + largest of other)
        Row and column 0 are background; what is background in both is not counted.

    Raises
    ------
    ValueError
        If shapes or axes differ.
    """
    check_same_shape([one, other])
    if kernels.compiled is None:
        return _by_numpy(one, other)
    voxels = np.zeros((one.largest + 1, other.largest + 1), dtype=np.int64)
    kernels.compiled.overlaps(
        one.start, one.stop, one.label, other.start, other.stop, other.label,
        voxels.shape[1], voxels.reshape(-1),
    )  # fmt: skip
    # Only what both have is counted so far.
    common = voxels[1:, 1:]
    voxels[1:, 0] = one.voxels_by_label[1:] - common.sum(axis=1)
    voxels[0, 1:] = other.voxels_by_label[1:] - common.sum(axis=0)
    return voxels


def _by_numpy(one: LabelMap, other: LabelMap) -> NDArray[np.int64]:
    shape = one.largest + 1, other.largest + 1
    voxels = np.zeros(shape[0] * shape[1], dtype=np.int64)
    for window in refine_windows([one, other]):
        pair = window.labels[:, 0].astype(np.int64) * shape[1] + window.labels[:, 1]
        voxels += np.bincount(pair, window.stop - window.start, voxels.size).astype(np.int64)
    return voxels.reshape(shape)
