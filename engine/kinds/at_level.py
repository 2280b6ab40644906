"""Labels that must lie on a side of those at their own level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.about import label_verdict, some_names
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Values, Verdict, take_runs
from vesalius.engine.merge.anchors import TIE_MM
from vesalius.engine.plan.reason import Reason
from vesalius.engine.plan.roles import Direction, LabelsJudged, LabelsRead, Millimetres, Share
from vesalius.engine.plan.step import Expect
from vesalius.engine.plan.where import Vector
from vesalius.engine.runs.halfspace import (
    HalfSpace,
    heights_mm,
    inside_range,
    inside_voxels,
    may_reach,
)
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.projection import settled

# Runs are compared to this first, so that rounding never passes over one at the level.
_MARGIN_MM = 1e-3


@dataclass(frozen=True)
class AtLevel(Expect):
    """At least a share of each label lies further along `direction` than what is at its level.

    A voxel is at the level of one of `members` where it is within `reach_mm` of its centre, as
    measured along `along`; where it is so of several, it counts once for each. It lies further
    along `direction` where it does so than that centre, or as far. Members that the border of the
    scan cuts have no level, for the centre of what is seen is not theirs.
    """

    labels: LabelsJudged
    members: LabelsRead
    along: Direction
    direction: Direction
    reach_mm: Millimetres
    share: Share = 1.0
    least_share: Share = 0.0


def judge_at_level(expect: AtLevel, context: Context) -> Verdict:
    """Find labels of which too small a share lies on the side where it should.

    Nothing can be said of a label that has no voxel at the level of a whole member. Each label at
    fault is one part.
    """
    found = context.measures(expect.members)
    whole = ~found.at_border
    if len(found):
        sizes = np.sort(found.voxels)
        usual = sizes[np.searchsorted(np.cumsum(sizes), sizes.sum() / 2)]
        whole &= found.voxels >= settled(expect.least_share * usual)
    centres = dict(zip(found.label[whole].tolist(), found.centre_mm[whole], strict=True))
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[Reason] = []
    judged = 0
    for label in context.present(expect.labels):
        level, right = _at_levels(expect, label, centres, context)
        if not level:
            wanted = tuple(member for member in expect.members if member != label)
            names = some_names(wanted, context)
            text = f"at the level of {context.name(label)} is no whole one of {names}"
            unsaid.append(Reason(text))
            continue
        judged += 1
        # A quotient of integers is rounded as the share itself was: 11 of 20 is 0.55.
        if right / level < expect.share:
            values = (("share", right / level), ("at_least", expect.share))
            wrong.append((label, "on another side", values))
    return label_verdict(wrong, judged, unsaid, context)


def _at_levels(
    expect: AtLevel, label: int, centres: Mapping[int, NDArray[np.float64]], context: Context
) -> tuple[int, int]:
    """Count the voxels of a label at the levels of members, and those of them further along."""
    runs, own = context.part((label,)), context.measures((label,))
    low_mm, high_mm = heights_mm(runs, expect.along)
    level = right = 0
    for member, centre_mm in centres.items():
        slab = _level(expect, centre_mm)
        if member == label or not may_reach(own.grid, own.box_lo[0], own.box_hi[0], slab):
            continue
        # Of a long label few runs are at one level.
        height_mm, reach_mm = float(np.dot(expect.along, centre_mm)), expect.reach_mm + _MARGIN_MM
        near = (high_mm >= height_mm - reach_mm) & (low_mm <= height_mm + reach_mm)
        there = _inside(take_runs(runs, np.flatnonzero(near)), slab)
        level += there.voxels
        ahead = _beyond(expect.direction, float(np.dot(expect.direction, centre_mm)))
        right += int(inside_voxels(there, ahead).sum())
    return level, right


def _inside(runs: LabelMap, slab: Sequence[HalfSpace]) -> LabelMap:
    begin, end = inside_range(runs, slab)
    rows = np.flatnonzero(end > begin)
    return LabelMap(runs.grid, runs.axes, begin[rows], end[rows], runs.label[rows])


def _level(expect: AtLevel, centre_mm: NDArray[np.float64]) -> tuple[HalfSpace, HalfSpace]:
    """Return the half-spaces between which what is at the level of a centre lies."""
    x, y, z = expect.along
    height_mm = float(np.dot(expect.along, centre_mm))
    return (
        _beyond((x, y, z), height_mm - expect.reach_mm),
        _beyond((-x, -y, -z), -height_mm - expect.reach_mm),
    )


def _beyond(direction: Vector, offset_mm: float) -> HalfSpace:
    """Return what lies beyond a plane; a voxel on it does in all orientations of the array."""
    return HalfSpace(direction, offset_mm - TIE_MM)
