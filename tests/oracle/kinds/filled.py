"""Holes in labels."""

from __future__ import annotations

import numpy as np

from oracle.geometry import in_outer_layer, neighbours
from oracle.judging import Part, Said, Wrong
from oracle.state import State, connected
from vesalius.engine.kinds import Filled


def judge(expect: Filled, state: State) -> Said:
    """Look at the neighbours of every component of background."""
    findings, parts = [], []
    for _, hole in connected(state, [0], 6):
        around = {
            int(state.work[other])
            for voxel in np.argwhere(hole).tolist()
            for other in neighbours(voxel, hole.shape, 6)
        } - {0}
        voxels = int(hole.sum())
        large = state.above_ml(voxels, expect.holes_at_most_ml)
        most = expect.ignore_above_ml
        passed_over = most is not None and state.above_ml(voxels, most)
        if in_outer_layer(hole) or len(around) != 1 or not large or passed_over:
            continue
        (label,) = around
        if label in expect.labels:
            parts.append(Part(hole, label))
            values = (("at_most_ml", expect.holes_at_most_ml),)
            findings.append(Wrong("hole", (label,), voxels, values))
    return Said(tuple(findings), tuple(parts))
