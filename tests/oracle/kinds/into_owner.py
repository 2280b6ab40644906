"""A part becomes the label that owns it, or stays."""

from __future__ import annotations

import numpy as np

from oracle.geometry import Mask, position_mm, settled
from oracle.judging import STAYS, Part
from oracle.kinds.into_surrounding import touched
from oracle.state import Labels, State
from vesalius.engine.kinds import IntoOwner


def give(repair: IntoOwner, part: Part, at_fault: Mask, state: State, more: object) -> Labels:
    """Ask for the size of the part, the way to its body, and the faces on its surface."""
    mine = state.work[part.voxels].tolist()
    label = min(set(mine), key=lambda n: (-mine.count(n), n))
    way_mm = _way_mm(part.voxels, (state.work == label) & ~at_fault, state)
    size = len(mine)
    crumb = way_mm > repair.crumb_mm and not state.above_ml(
        size, dict(repair.crumb_ml).get(label, 0.0)
    )
    faces = touched(part.voxels, at_fault, state, 6)
    owner = _owner(repair, faces, set(mine))
    new = STAYS
    if crumb:
        passed = {*mine, *repair.never} | (set() if repair.background else {0})
        allowed = {n: k for n, k in faces.items() if n not in passed}
        new = min(allowed, key=lambda n: (-allowed[n], n), default=0)
    elif way_mm > dict(repair.apart_mm).get(label, 0.0) and owner:
        new = owner
    return np.full(state.work.shape, new)


def _owner(repair: IntoOwner, faces: dict[int, int], mine: set[int]) -> int:
    """Return the label that has enough of the surface; 0 where none has."""
    nobody = {0, *mine, *repair.ground, *repair.never}
    found = sorted((-k, n) for n, k in faces.items() if n not in nobody)
    if not found:
        return 0
    most = -found[0][0]
    next_most = -found[1][0] if len(found) > 1 else 0
    broad = most >= repair.share * sum(faces.values()) and most >= repair.times_next * next_most
    return found[0][1] if broad else 0


def _way_mm(part: Mask, body: Mask, state: State) -> float:
    """Return how far the nearest voxel centres are apart; infinite where there is no body."""
    here = [position_mm(state.affine, voxel) for voxel in np.argwhere(part)]
    there = [position_mm(state.affine, voxel) for voxel in np.argwhere(body)]
    return min(
        (settled(float(np.linalg.norm(a - b))) for a in here for b in there), default=float("inf")
    )
