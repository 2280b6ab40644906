"""Labels that must come near one of some others."""

from __future__ import annotations

import numpy as np

from oracle.geometry import layer_mm, nearest_mm, settled
from oracle.judging import NOTHING, Said, by_label, is_cut
from oracle.state import Missing, State
from oracle.usual_step import usual_step_mm
from vesalius.engine.kinds import Touching


def judge(expect: Touching, state: State) -> Said:
    """Measure every label against every other one."""
    try:
        gap_mm = _gap_mm(expect, state)
    except Missing:
        return NOTHING
    wrong, judged, unsaid = [], 0, 0
    for label in state.present(expect.labels):
        mask = state.work == label
        others = [other for other in state.present(expect.others) if other != label]
        if not others:
            unsaid += 1
            continue
        nearest = min(nearest_mm(mask, state.work == n, state.affine) for n in others)
        if nearest <= gap_mm:
            judged += 1
        elif is_cut(state, label) or any(
            _continues_near(state, label, other, gap_mm) for other in others
        ):
            unsaid += 1
        else:
            judged += 1
            if expect.gap_mm is None and expect.gap_steps is None:
                wrong.append((label, "does not touch", (("mm", nearest),)))
            else:
                values = (("mm", nearest), ("at_most_mm", gap_mm))
                wrong.append((label, "too far away", values))
    return by_label(state, wrong, judged, unsaid)


def _gap_mm(expect: Touching, state: State) -> float:
    if expect.gap_steps is not None:
        return settled(expect.gap_steps * usual_step_mm(state, expect.unit))
    if expect.gap_mm is not None:
        return expect.gap_mm
    # Voxels that share a corner are one step apart along each axis, forth or back.
    ways = [np.array([1, j, k]) for j in (-1, 1) for k in (-1, 1)]
    return settled(max(np.sqrt(((state.affine[:3, :3] @ way) ** 2).sum()) for way in ways))


def _continues_near(state: State, label: int, other: int, gap_mm: float) -> bool:
    """Tell whether a label is near to the outside of the scan where another one reaches it."""
    for axis, n in enumerate(state.work.shape):
        for last, outside in ((0, -1), (n - 1, n)):
            if not (np.argwhere(state.work == other)[:, axis] == last).any():
                continue
            layers = min(abs(i - outside) for i in np.argwhere(state.work == label)[:, axis])
            if layers * layer_mm(axis, state.affine) <= gap_mm + 1e-6:
                return True
    return False
