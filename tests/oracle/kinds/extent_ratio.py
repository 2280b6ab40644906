"""How far labels reach along a direction, over how far others do."""

from __future__ import annotations

from oracle.geometry import heights_mm, settled
from oracle.judging import NOTHING, Said, by_label, is_cut
from oracle.state import State, main_mask
from vesalius.engine.kinds import ExtentRatio


def judge(expect: ExtentRatio, state: State) -> Said:
    """Compare the heights of the main pieces along the direction."""

    def extent_mm(label: int) -> float:
        heights = heights_mm(main_mask(state, label), expect.direction, state.affine)
        # Each end as the lowest voxel along its way; figures are settled as they are measured.
        one, other = settled(heights.min()), settled((-heights).min())
        return settled(-(one + other))

    if state.present(expect.labels) and not state.present(expect.others):
        return NOTHING
    wrong, judged, unsaid = [], 0, 0
    for label in state.present(expect.labels):
        others = [other for other in state.present(expect.others) if other != label]
        sizes = [(state.work == one).sum() for one in (label, *others)]
        few = min(sizes) < expect.fewest_voxels
        if not others or few or any(is_cut(state, one) for one in (label, *others)):
            unsaid += 1
            continue
        judged += 1
        mm, mean = extent_mm(label), sum(extent_mm(other) for other in others) / len(others)
        if mean == 0:
            continue
        ratio = settled(mm / mean)
        known = (("mm", mm), ("ratio", ratio))
        if expect.at_least is not None and ratio < expect.at_least:
            wrong.append((label, "too narrow", (*known, ("at_least", expect.at_least))))
        elif expect.at_most is not None and ratio > expect.at_most:
            wrong.append((label, "too wide", (*known, ("at_most", expect.at_most))))
    return by_label(state, wrong, judged, unsaid)
