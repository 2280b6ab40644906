"""A part becomes the label with which it shares most faces."""

from __future__ import annotations

from collections import Counter

import numpy as np

from oracle.geometry import Mask, neighbours
from oracle.judging import Part
from oracle.state import Labels, State
from vesalius.engine.kinds import IntoSurrounding


def give(repair: IntoSurrounding, part: Part, at_fault: Mask, state: State, more: object) -> Labels:
    """Count faces; of equally many the smaller label counts, the background after all others."""
    own = set(state.work[part.voxels].tolist())
    faces = touched(part.voxels, at_fault, state, 6)
    allowed = [
        label
        for label in faces
        if label not in own and label not in repair.never and (label != 0 or repair.background)
    ]
    best = min(allowed, key=lambda n: (-faces[n], n == 0, n), default=repair.otherwise)
    return np.full(state.work.shape, best)


def touched(part: Mask, at_fault: Mask, state: State, connectivity: int) -> Counter[int]:
    """Count the neighbours of a part's voxels that are not at fault, by label."""
    return Counter(
        int(state.work[other])
        for voxel in np.argwhere(part).tolist()
        for other in neighbours(voxel, part.shape, connectivity)
        if not at_fault[other]
    )
