"""Judgements by looking at every component and voxel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

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
            extra += [(labels, part) for part in counted[expect.at_most :]]
        if expect.at_least is not None and len(counted) < expect.at_least:
            few.append(Found("too few pieces", labels, sum(int(p.sum()) for p in counted)))
    extra.sort(key=lambda item: item[0])
    findings = [
        Found("another piece", tuple(np.unique(state.work[part]).tolist()), int(part.sum()))
        for _, part in extra
    ]
    return Judged(tuple(findings + few), tuple(part for _, part in extra))


def _own_side(expect: OnOwnSide, state: State) -> Judged:
    positive = positive_voxels(state, expect.anchor)
    wrong = np.zeros(state.work.shape, dtype=bool)
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
