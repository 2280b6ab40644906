"""How long each label is for its width."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import position_mm, settled
from oracle.judging import Said, by_label, is_cut
from oracle.state import State
from vesalius.engine.kinds import Elongated

# Eight points in each voxel that spread like all its points do.
INNER = [np.array(c) / np.sqrt(12.0) for c in itertools.product((-1, 1), repeat=3)]


def judge(expect: Elongated, state: State) -> Said:
    """Spread points over every voxel and compare their singular values."""
    wrong, judged, unsaid = [], 0, 0
    for label in state.present(expect.labels):
        if is_cut(state, label):
            unsaid += 1
            continue
        judged += 1
        voxels = np.argwhere(state.work == label)
        points = np.array([position_mm(state.affine, v + p) for v in voxels for p in INNER])
        length, width, _ = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
        ratio = settled(length / width)
        if ratio < expect.at_least:
            values = (("length", ratio), ("at_least", expect.at_least))
            wrong.append((label, "not elongated", values))
    return by_label(state, wrong, judged, unsaid)
