"""How much of each label lies on a side of what is at its own level."""

from __future__ import annotations

import numpy as np

from oracle.geometry import TIE_MM, centre_mm, position_mm, settled
from oracle.judging import Said, by_label, is_cut
from oracle.state import State
from vesalius.engine.kinds import AtLevel


def judge(expect: AtLevel, state: State) -> Said:
    """Compare each voxel with the centre of each whole member at its level."""
    voxels = {member: int((state.work == member).sum()) for member in state.present(expect.members)}
    every = sorted(size for size in voxels.values() for _ in range(size))
    least = settled(expect.least_share * every[(len(every) - 1) // 2]) if every else 0
    centres = {
        member: centre_mm(state.work == member, state.affine)
        for member, size in voxels.items()
        if size >= least and not is_cut(state, member)
    }
    wrong, judged, unsaid = [], 0, 0
    for label in state.present(expect.labels):
        sides = []
        for voxel in np.argwhere(state.work == label):
            xyz_mm = position_mm(state.affine, voxel)
            for member, centre in centres.items():
                away = xyz_mm - centre
                if member != label and abs(away @ expect.along) <= expect.reach_mm + TIE_MM:
                    sides.append(away @ expect.direction >= -TIE_MM)
        if not sides:
            unsaid += 1
            continue
        judged += 1
        share = sum(sides) / len(sides)
        if share < expect.share:
            values = (("share", share), ("at_least", expect.share))
            wrong.append((label, "on another side", values))
    return by_label(state, wrong, judged, unsaid)
