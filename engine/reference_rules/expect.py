"""Judgements by looking at every component and voxel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import ndimage

from vesalius.engine.projection import settled
from vesalius.engine.reference_rules.state import (
    Found,
    Judged,
    Mask,
    Missing,
    State,
    centre_mm,
    connected,
    holds_point,
    pooled,
    positive_voxels,
    region_voxels,
    side_of,
)
from vesalius.engine.steps import (
    Absent,
    Expect,
    Located,
    OnOwnSide,
    Pieces,
    Plausible,
    Present,
    Region,
)


def judge(expect: Expect, state: State) -> Judged:
    """Judge an expectation."""
    try:
        return JUDGES[type(expect)](expect, state)
    except Missing:
        return Judged(missing=True)


def _in_region(state: State, labels: Sequence[int], region: Region, per: str) -> Mask:
    """Return the voxels of labels that lie in a region, or whose component's centre does."""
    if per == "voxel":
        return np.isin(state.work, list(labels)) & region_voxels(state, region)
    found = np.zeros(state.work.shape, dtype=bool)
    region_voxels(state, region)
    for _, part in connected(state, labels, 6):
        if holds_point(state, region, centre_mm(part, state.affine)):
            found |= part
    return found


def _parts(state: State, wrong: Mask, kind: str, per: str) -> Judged:
    """Make the components of the voxels at fault parts."""
    labels = np.unique(state.work[wrong]).tolist()
    parts = connected(state, labels, 6, wrong)
    if per == "voxel":
        own = [(label, wrong & (state.work == label)) for label in labels]
        findings = [Found(kind, (label,), int(mask.sum())) for label, mask in own]
    else:
        findings = [Found(kind, (label,), int(mask.sum())) for label, mask in parts]
    return Judged(tuple(findings), tuple(mask for _, mask in parts))


def _absent(expect: Absent, state: State) -> Judged:
    wrong = _in_region(state, expect.labels, expect.region, expect.per)
    for label in expect.labels:
        own = wrong & (state.work == label)
        if not state.above_ml(int(own.sum()), expect.at_most_ml):
            wrong &= ~own
    return _parts(state, wrong, "in the region" if expect.region else "present", expect.per)


def _present(expect: Present, state: State) -> Judged:
    absent = tuple(label for label in expect.labels if not np.any(state.work == label))
    if expect.all_of:
        return Judged(tuple(Found("absent", (label,), 0) for label in absent))
    if len(absent) == len(expect.labels):
        return Judged((Found("absent", absent, 0),))
    return Judged()


def _pieces(expect: Pieces, state: State) -> Judged:
    if expect.joint:
        pools = {expect.labels: pooled(state, expect.labels, expect.connectivity)}
    else:
        pools = {(label,): [] for label in expect.labels}
        for label, part in connected(state, expect.labels, expect.connectivity):
            pools[label,].append(part)
    extra: list[tuple[tuple[int, ...], Mask]] = []
    few = []
    for labels, parts in pools.items():
        counted = [p for p in parts if not state.below_ml(int(p.sum()), expect.ignore_below_ml)]
        if expect.at_most is not None:
            later = counted[expect.at_most :]
            extra += [(labels, part) for part in later if _extra(expect, part, parts[0], state)]
        if expect.at_least is not None and len(counted) < expect.at_least:
            few.append(Found("too few pieces", labels, sum(int(p.sum()) for p in counted)))
    extra.sort(key=lambda item: item[0])
    findings = [
        Found("another piece", tuple(np.unique(state.work[part]).tolist()), int(part.sum()))
        for _, part in extra
    ]
    return Judged(tuple(findings + few), tuple(part for _, part in extra))


def _extra(expect: Pieces, part: Mask, largest: Mask, state: State) -> bool:
    share = part.sum() / largest.sum()
    if share < expect.at_least_share:
        return False
    if expect.at_most_share is not None and share > expect.at_most_share:
        return False
    if expect.spare_lone and not _touches_another(expect, part, state):
        return False
    if expect.spare_near_mm > 0 and part is not largest:
        apart = np.argwhere(part)[:, np.newaxis] - np.argwhere(largest)[np.newaxis]
        away_mm = np.linalg.norm(apart @ state.affine[:3, :3].T, axis=2).min()
        if settled(away_mm) <= expect.spare_near_mm:
            return False
    within = expect.spare_border_mm
    return within is None or not _at_border(part, within, state)


def _touches_another(expect: Pieces, part: Mask, state: State) -> bool:
    others = np.isin(state.work, expect.labels) & ~part
    rank = {6: 1, 18: 2, 26: 3}[expect.connectivity]
    around = ndimage.binary_dilation(part, ndimage.generate_binary_structure(3, rank))
    return bool((around & others).any())


def _at_border(part: Mask, within: float, state: State) -> bool:
    """Tell whether a voxel is near one of the six outermost layers, along their normals."""
    normals = np.linalg.inv(state.affine[:3, :3])
    for voxel in np.argwhere(part):
        for axis in range(3):
            layers = min(voxel[axis], part.shape[axis] - 1 - voxel[axis])
            if settled(layers / np.linalg.norm(normals[axis])) <= within:
                return True
    return False


def _surely_across(expect: OnOwnSide, positive: Mask, state: State) -> Mask:
    """Return the components that lie whole on the other side while their pair is clear."""

    def place(label: int, part: Mask, first: int) -> str:
        above, total = int((part & positive).sum()), int(part.sum())
        if max(above, total - above) / total < expect.whole_share:
            return "both"
        return "own" if (2 * above >= total) == (label == first) else "other"

    places: list[dict[int, list[tuple[str, Mask]]]] = []
    for first, second in expect.pairs:
        of_label: dict[int, list[tuple[str, Mask]]] = {first: [], second: []}
        for label, part in connected(state, (first, second), 6):
            of_label[label].append((place(label, part, first), part))
        places.append(of_label)
    mains = [{parts[0][0] if parts else "absent" for parts in p.values()} for p in places]
    swapped = sum(main == {"other"} for main in mains)
    straight = sum("own" in main and "other" not in main for main in mains)
    wrong = np.zeros(state.work.shape, dtype=bool)
    for of_label, main in zip(places, mains, strict=True):
        for parts in of_label.values():
            if main == {"other"}:
                clear = swapped < straight
            else:
                clear = "absent" not in main and parts[0][0] == "own"
            for where, part in parts:
                if clear and where == "other":
                    wrong |= part
    return wrong


def _own_side(expect: OnOwnSide, state: State) -> Judged:
    positive = positive_voxels(state, expect.anchor)
    wrong = np.zeros(state.work.shape, dtype=bool)
    if expect.leave_unsure and expect.per == "component":
        wrong = _surely_across(expect, positive, state)
        return _parts(state, wrong, "on the other side", "component")
    for first, second in expect.pairs:
        for label, part in connected(state, (first, second), 6):
            counts = positive
            if expect.per == "component":
                counts = side_of(part, positive, expect.whole_share)
            wrong |= part & (counts != (label == first))
    return _parts(state, wrong, "on the other side", expect.per)


def _located(expect: Located, state: State) -> Judged:
    right = _in_region(state, expect.labels, expect.region, expect.per)
    if not expect.inside:
        right = ~right
    wrong = np.zeros(state.work.shape, dtype=bool)
    for label in expect.labels:
        own = state.work == label
        if own.any() and (own & right).sum() / own.sum() < expect.share:
            wrong |= own & ~right
    kind = "outside the region" if expect.inside else "in the region"
    return _parts(state, wrong, kind, expect.per)


def _plausible(expect: Plausible, state: State) -> Judged:
    status = state.fit(expect.anchor).status
    if status == "missing":
        raise Missing
    return Judged((Found("implausible", (), 0),) if status == "implausible" else ())


JUDGES: Mapping[type, Callable[[Any, State], Judged]] = {
    Absent: _absent,
    Present: _present,
    Pieces: _pieces,
    OnOwnSide: _own_side,
    Located: _located,
    Plausible: _plausible,
}
