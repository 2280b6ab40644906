"""Labels whose faces must border on some others."""

from __future__ import annotations

import numpy as np

from oracle.geometry import neighbours
from oracle.judging import Said, by_label
from oracle.state import State
from vesalius.engine.kinds import Enclosed


def judge(expect: Enclosed, state: State) -> Said:
    """Count what lies behind the faces of every voxel of every label."""
    wrong, judged, unsaid = [], 0, 0
    for label in state.present(expect.labels):
        by = [other for other in state.present(expect.by) if other != label]
        outer = [
            int(state.work[other])
            for voxel in np.argwhere(state.work == label).tolist()
            for other in neighbours(voxel, state.work.shape, 6)
            if state.work[other] != label
        ]
        if not by or not outer:
            unsaid += 1
            continue
        judged += 1
        share = sum(value in by for value in outer) / len(outer)
        if share < expect.share:
            values = (("share", share), ("at_least", expect.share))
            wrong.append((label, "not enclosed", values))
    return by_label(state, wrong, judged, unsaid)
