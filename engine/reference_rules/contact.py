"""Touching and enclosing, by looking at every pair of voxels."""

from __future__ import annotations

import itertools

import numpy as np

from vesalius.engine.projection import settled
from vesalius.engine.reference import neighbours
from vesalius.engine.reference_rules.measures import Said, by_label, is_cut, present
from vesalius.engine.reference_rules.state import State
from vesalius.engine.steps import Enclosed, Touching


def nearest_mm(state: State, one: int, other: int) -> float:
    """Return the smallest distance of any voxel of one label to any of another."""
    mine, theirs = (np.argwhere(state.work == label) for label in (one, other))
    matrix = state.affine[:3, :3]
    return min(
        float(settled(np.linalg.norm(matrix @ (voxel - far)))) for voxel in mine for far in theirs
    )


def touching(expect: Touching, state: State) -> Said:
    """Measure every label against every other one."""
    wrong, judged, unsaid = [], 0, 0
    for label in present(state, expect.labels):
        others = [other for other in present(state, expect.others) if other != label]
        if not others:
            unsaid += 1
            continue
        nearest = min(nearest_mm(state, label, other) for other in others)
        if nearest <= expect.gap_mm:
            judged += 1
        elif is_cut(state, label) or any(
            _continues_near(state, label, other, expect.gap_mm) for other in others
        ):
            unsaid += 1
        else:
            judged += 1
            values = (("mm", nearest), ("at_most_mm", expect.gap_mm))
            wrong.append((label, "too far away", values))
    return by_label(state, wrong, judged, unsaid)


def _continues_near(state: State, label: int, other: int, gap_mm: float) -> bool:
    """Tell whether a label is near to a border plane of the scan that another one touches."""
    inverse = np.linalg.inv(state.affine[:3, :3])
    for axis, end in itertools.product(range(3), (0, -1)):
        if not (state.work == other).take(end, axis).any():
            continue
        outside = -1 if end == 0 else state.work.shape[axis]
        planes = np.abs(np.argwhere(state.work == label)[:, axis] - outside).min()
        if planes / np.linalg.norm(inverse[axis]) <= gap_mm + 1e-6:
            return True
    return False


def enclosed(expect: Enclosed, state: State) -> Said:
    """Count the faces of every voxel of every label."""
    wrong, judged, unsaid = [], 0, 0
    for label in present(state, expect.labels):
        by = [other for other in present(state, expect.by) if other != label]
        outer = [
            int(state.work[other])
            for i, j, k in np.argwhere(state.work == label).tolist()
            for other in neighbours((i, j, k), state.work.shape, 6)
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
