"""Of each pair both labels are there, where the scan shows the place of the one that is not."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import TIE_MM, image_mm, position_mm, settled
from oracle.judging import NOTHING, Said, Wrong, is_cut
from oracle.state import State
from vesalius.engine.kinds import BothThere


def judge(expect: BothThere, state: State) -> Said:
    """Reflect the corners of the one that is there, one by one."""
    alone = []
    for pair in expect.pairs:
        there = [label for label in pair if (state.work == label).any()]
        if len(there) == 1:
            alone.append((there[0], next(label for label in pair if label != there[0])))
    if not alone:
        return Said()
    plane = state.fitted(expect.anchor)
    findings, unsaid = [], 0
    for label, other in sorted(alone):
        voxels = np.argwhere(state.work == label)
        seen = not is_cut(state, label) and len(voxels) >= expect.fewest_voxels
        for corner in itertools.product(*zip(voxels.min(axis=0), voxels.max(axis=0), strict=True)):
            at = position_mm(state.affine, corner)
            image = image_mm(at, plane.normal, plane.offset_mm - TIE_MM)
            index = np.linalg.solve(state.affine[:3, :3], image - state.affine[:3, 3])
            for place, count in zip(index, state.work.shape, strict=True):
                seen = seen and -0.5 <= settled(place) <= count - 0.5
        if seen:
            findings.append(Wrong("not there", (other,), 0))
        else:
            unsaid += 1
    return Said(tuple(findings), passed_over=unsaid > 0) if findings else NOTHING
