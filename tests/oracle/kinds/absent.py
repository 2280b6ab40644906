"""No part of the labels lies in the region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oracle.geometry import Mask, centre_mm, comes_near, in_outer_layer
from oracle.judging import Said, by_component
from oracle.state import State, connected, holds_point, region_voxels
from vesalius.engine.kinds import Absent
from vesalius.engine.plan.meant import Meant, NearTo
from vesalius.engine.plan.where import Region


def judge(expect: Absent, state: State) -> Said:
    """Leave out the labels of which only little lies there."""
    wrong = in_region(state, expect.labels, expect.region, expect.per)
    wrong = meant_only(state, wrong, expect.meant)
    for label in expect.labels:
        own = wrong & (state.work == label)
        if not state.above_ml(int(own.sum()), expect.at_most_ml):
            wrong &= ~own
    kind = "in the region" if expect.region else "present"
    return by_component(state, wrong, kind, expect.per)


def meant_only(state: State, wrong: Mask, meant: Meant) -> Mask:
    """Leave out the parts, of voxels that lie wrong, that are not meant."""
    kept = np.zeros(state.work.shape, dtype=bool)
    for label in np.unique(state.work[wrong]).tolist():
        largest = max(int(piece.sum()) for _, piece in connected(state, [label], 6))
        for _, part in connected(state, [label], 6, wrong):
            share = int(part.sum()) / largest
            small = state.below_ml(int(part.sum()), meant.ignore_below_ml)
            cut = meant.skip_cut and in_outer_layer(part)
            far = meant.near is not None and not near_others(state, part, meant.near, [label])
            spared = meant.spare_near is not None and near_others(
                state, part, meant.spare_near, [label]
            )
            fits = meant.at_least_share <= share <= meant.at_most_share
            if fits and not (small or cut or far or spared):
                kept |= part
    return kept


def near_others(state: State, part: Mask, near: NearTo, own: Sequence[int]) -> bool:
    """Tell whether a part comes near to some labels, without its own ones."""
    others = np.isin(state.work, [label for label in near.labels if label not in own])
    return comes_near(part, others, near.mm, state.affine)


def in_region(state: State, labels: Sequence[int], region: Region, per: str) -> Mask:
    """Return the voxels of labels that lie in a region, or whose component's centre does."""
    inside = region_voxels(state, region)
    if per == "voxel":
        return np.isin(state.work, list(labels)) & inside
    found = np.zeros(state.work.shape, dtype=bool)
    for _, part in connected(state, labels, 6):
        if holds_point(state, region, centre_mm(part, state.affine)):
            found |= part
    return found
