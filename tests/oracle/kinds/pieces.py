"""The number of connected components."""

from __future__ import annotations

import numpy as np

from oracle.geometry import Mask, layer_mm, nearest_mm, neighbours, settled
from oracle.judging import Part, Said, Wrong
from oracle.kinds.absent import near_others
from oracle.state import State, connected, pooled
from vesalius.engine.kinds import Pieces


def judge(expect: Pieces, state: State) -> Said:
    """The largest stay; the others are at fault unless something spares them."""
    if expect.joint:
        pools = [(tuple(expect.labels), pooled(state, expect.labels, expect.connectivity))]
    else:
        found = connected(state, expect.labels, expect.connectivity)
        labels = dict.fromkeys(expect.labels)
        pools = [((label,), [mask for n, mask in found if n == label]) for label in labels]
    extra: list[tuple[tuple[int, ...], int, Mask]] = []
    few = []
    for labels, parts in pools:
        counted = [p for p in parts if not state.below_ml(int(p.sum()), expect.ignore_below_ml)]
        if expect.at_most is not None:
            later = list(enumerate(counted))[expect.at_most :]
            asked = [(at, p) for at, p in later if _at_fault(expect, p, parts[0], labels, state)]
            stay = [p for at, p in enumerate(counted) if at not in dict(asked)]
            extra += [(labels, at, p) for at, p in asked if not _near(expect, p, stay, state)]
        if expect.at_least is not None and len(counted) < expect.at_least:
            values = (("pieces", float(len(counted))), ("at_least", float(expect.at_least)))
            few.append(Wrong("too few pieces", labels, sum(int(p.sum()) for p in counted), values))
    extra.sort(key=lambda item: item[:2])
    findings = [
        Wrong(
            "another piece",
            tuple(np.unique(state.work[part]).tolist()),
            int(part.sum()),
            (("place", at + 1.0),),
        )
        for _, at, part in extra
    ]
    return Said(tuple(findings + few), tuple(Part(part) for _, _, part in extra))


def _at_fault(
    expect: Pieces, part: Mask, largest: Mask, own: tuple[int, ...], state: State
) -> bool:
    share = part.sum() / largest.sum()
    if share < expect.at_least_share:
        return False
    if expect.at_most_share is not None and share > expect.at_most_share:
        return False
    if expect.spare_lone and not _touches_another(expect, part, state):
        return False
    if expect.touching_share > 0 and _touching_share(expect, part, state) < expect.touching_share:
        return False
    if expect.spare_near_to is not None and near_others(state, part, expect.spare_near_to, own):
        return False
    return expect.spare_border_mm is None or _from_border_mm(part, state) > expect.spare_border_mm


def _near(expect: Pieces, part: Mask, stay: list[Mask], state: State) -> bool:
    """Tell whether a part is near one that stays."""
    gap_mm = expect.spare_near_mm
    return gap_mm > 0 and any(nearest_mm(part, one, state.affine) <= gap_mm for one in stay)


def _touches_another(expect: Pieces, part: Mask, state: State) -> bool:
    return any(
        not part[other] and int(state.work[other]) in expect.labels
        for voxel in np.argwhere(part).tolist()
        for other in neighbours(voxel, part.shape, expect.connectivity)
    )


def _touching_share(expect: Pieces, part: Mask, state: State) -> float:
    """Count the faces of a part, and those behind which lies another one of the labels."""
    behind = [
        int(state.work[other])
        for voxel in np.argwhere(part).tolist()
        for other in neighbours(voxel, part.shape, 6)
        if not part[other]
    ]
    return sum(label in expect.labels for label in behind) / max(len(behind), 1)


def _from_border_mm(part: Mask, state: State) -> float:
    """Distance of the nearest voxel from the nearest of the six outermost layers."""
    return min(
        settled(min(index, n - 1 - index) * layer_mm(axis, state.affine))
        for voxel in np.argwhere(part).tolist()
        for axis, (index, n) in enumerate(zip(voxel, part.shape, strict=True))
    )
