"""A structure from a window of image values."""

from __future__ import annotations

import numpy as np

from oracle.state import Labels, Missing, State, connected, region_voxels
from vesalius.engine.kinds import FromHu


def make(operation: FromHu, state: State) -> Labels:
    """Look at every voxel."""
    if state.image is None:
        raise Missing
    found = region_voxels(state, operation.region) & np.isin(state.work, operation.over)
    for voxel in np.ndindex(found.shape):
        found[voxel] &= operation.lo_hu <= float(state.image[voxel]) <= operation.hi_hu
    if operation.keep_largest is not None:
        pieces = connected(state.having(found.astype(np.int64)), [1], 6)
        found = np.zeros_like(found)
        for _, piece in pieces[: operation.keep_largest]:
            found |= piece
    return np.where(found, operation.label, state.work)
