"""Judgements by looking at every component and voxel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
            small = [part for part in later if _extra(expect, part, parts[0], state)]
            stay = [part for part in counted if not any(part is other for other in small)]
            extra += [(labels, part) for part in small if not _spared(expect, part, stay, state)]
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
    if expect.touching_share > 0 and _touching_share(expect, part, state) < expect.touching_share:
        return False
    within = expect.spare_border_mm
    return within is None or not _at_border(part, within, state)


def _spared(expect: Pieces, part: Mask, stay: list[Mask], state: State) -> bool:
    """Tell whether a part is near one that stays."""
    if expect.spare_near_mm <= 0:
        return False
    return any(_away_mm(part, other, state) <= expect.spare_near_mm for other in stay)


def _away_mm(one: Mask, other: Mask, state: State) -> float:
    apart = np.argwhere(one)[:, np.newaxis] - np.argwhere(other)[np.newaxis]
    return float(settled(np.linalg.norm(apart @ state.affine[:3, :3].T, axis=2).min()))


def _touches_another(expect: Pieces, part: Mask, state: State) -> bool:
    others = np.isin(state.work, expect.labels) & ~part
    rank = {6: 1, 18: 2, 26: 3}[expect.connectivity]
    around = ndimage.binary_dilation(part, ndimage.generate_binary_structure(3, rank))
    return bool((around & others).any())


def _touching_share(expect: Pieces, part: Mask, state: State) -> float:
    """Count the faces of a part, and those behind which lies another one of the labels."""
    faces = touching = 0
    for voxel in np.argwhere(part):
        for axis in range(3):
            for step in (-1, 1):
                at = voxel.copy()
                at[axis] += step
                if 0 <= at[axis] < part.shape[axis] and not part[tuple(at)]:
                    faces += 1
                    touching += int(state.work[tuple(at)]) in expect.labels
    return touching / max(faces, 1)


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
    both_right = sum(
        all(parts and parts[0][0] == "own" for parts in of_label.values()) for of_label in places
    )
    wrong = np.zeros(state.work.shape, dtype=bool)
    for pair, of_label, main in zip(expect.pairs, places, mains, strict=True):
        if main == {"other"}:
            if swapped < straight:
                wrong |= _union(p for label in pair for w, p in of_label[label] if w == "other")
        elif set(pair) & set(expect.whole_only):
            continue
        elif "absent" not in main:
            for label, other in (pair, pair[::-1]):
                wrong |= _at_mirror(of_label[label], of_label[other][0][1], expect, state)
        elif expect.images_mm is not None and main != {"absent"} and both_right > swapped:
            label = pair[0] if of_label[pair[0]] else pair[1]
            wrong |= _image(label == pair[0], of_label[label], positive, expect, state)
    return wrong


def _at_mirror(
    parts: list[tuple[str, Mask]], mirror: Mask, expect: OnOwnSide, state: State
) -> Mask | bool:
    """Return the components across, near the mirror's body, of a label whose body is right."""
    if parts[0][0] != "own":
        return False
    near = expect.near_mirror_mm
    across = [part for where, part in parts if where == "other"]
    return _union(p for p in across if near is None or _away_mm(p, mirror, state) <= near)


def _union(parts: Iterable[Mask]) -> Mask | bool:
    found: Mask | bool = False
    for part in parts:
        found = found | part
    return found


def _image(
    wants_positive: bool,
    parts: list[tuple[str, Mask]],
    positive: Mask,
    expect: OnOwnSide,
    state: State,
) -> Mask | bool:
    """Return the component that has the name of its mirror image, if there is one."""
    sides: dict[bool, list[tuple[str, Mask]]] = {True: [], False: []}
    for where, part in parts:
        above = 2 * int((part & positive).sum()) >= int(part.sum())
        sides[above == wants_positive].append((where, part))
    if not sides[True] or not sides[False]:
        return False
    (here, ours), (there, theirs) = sides[True][0], sides[False][0]
    if "both" in (here, there) or 2 * min(ours.sum(), theirs.sum()) < max(ours.sum(), theirs.sum()):
        return False
    plane = state.fit(expect.anchor).half_space()
    normal = np.array(plane.normal)
    centre = centre_mm(theirs, state.affine)
    beyond = (centre @ normal - plane.offset_mm) / (normal @ normal)
    image = centre - 2 * beyond * normal
    away_mm = settled(np.linalg.norm(image - centre_mm(ours, state.affine)))
    return theirs if away_mm <= (expect.images_mm or 0.0) else False


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
