"""The number of connected components of labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import pieces_near, touching_shares
from vesalius.engine.judging.near_labels import parts_near
from vesalius.engine.judging.verdict import (
    Faults,
    Finding,
    Verdict,
    findings_by_part,
    grouped_faults,
    in_ml,
    take_runs,
)
from vesalius.engine.plan.meant import NearTo
from vesalius.engine.plan.roles import (
    Bound,
    Connectivity,
    Count,
    LabelsJudged,
    Millilitres,
    Millimetres,
    Share,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.build import concatenated
from vesalius.engine.runs.components import Components
from vesalius.engine.runs.grid import plane_spacing_mm
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.projection import settled


@dataclass(frozen=True)
class Pieces(Expect):
    """Number of connected components of each label (of all together where `joint`).

    Components below `ignore_below_ml` do not count and are no fault. The `at_most` largest stay;
    of equally large ones the order of components (by patient position) decides. No fault is
    either a component whose share of the largest is below `at_least_share` or above
    `at_most_share`, nor one within `spare_near_mm` of one of the same label that stays (by voxel
    centres; those below `ignore_below_ml` are passed over), nor one near to `spare_near_to`
    (`joint`: to what of it is not judged), nor, with
    `spare_lone`, one that touches none of the other labels, nor one of whose voxel faces less than
    `touching_share` border on other ones of the labels (the outside of the grid has no faces), nor
    one that lies within `spare_border_mm` of the border of the scan, 0 being its outermost layer of
    voxels: nobody knows how it goes on outside.
    """

    labels: LabelsJudged
    at_most: Count | None = None
    at_least: Count | None = None
    joint: bool = False
    connectivity: Connectivity = 6
    ignore_below_ml: Millilitres = 0.0
    at_least_share: Bound = 0.0
    at_most_share: Bound | None = None
    spare_near_mm: Millimetres = 0.0
    spare_lone: bool = False
    spare_border_mm: Millimetres | None = None
    touching_share: Share = 0.0
    spare_near_to: NearTo | None = None


def judge_pieces(expect: Pieces, context: Context) -> Verdict:
    """Find the components beyond the largest ones, and the labels with too few.

    Components below `ignore_below_ml` do not count, and stay. Of equally large components the
    order of :class:`vesalius.engine.runs.components.Components` decides.
    """
    if _each_alone(expect):
        return _judge_each(expect, context)
    found = context.components(expect.labels, expect.connectivity, joint=expect.joint)
    counted = ~context.below_ml(found.voxels, expect.ignore_below_ml)
    at_fault, place = _wrong(expect, found, counted, context)
    extra = _extra_of(found, at_fault, place)
    faults = grouped_faults(extra.runs, extra.part, extra.place.size)
    findings = _findings(faults, extra.place)
    if expect.at_least is not None:
        pools = [expect.labels] if expect.joint else [(label,) for label in expect.labels]
        for pool in pools:
            own = counted if expect.joint else counted & (found.label == pool[0])
            pieces = int(own.sum())
            if pieces < expect.at_least:
                voxels = int(found.voxels[own].sum())
                ml = in_ml(context.grid, voxels)
                few = (("pieces", float(pieces)), ("at_least", float(expect.at_least)))
                findings.append(Finding("too few pieces", tuple(pool), voxels, ml, values=few))
    return Verdict(tuple(findings), faults)


class _Extra(NamedTuple):
    """Components at fault: their runs, the number of each run's among them, and their places."""

    runs: LabelMap
    part: NDArray[np.integer[Any]]
    place: NDArray[np.int64]


def _each_alone(expect: Pieces) -> bool:
    """Tell whether what is said of a label depends on no other one."""
    together = expect.joint or expect.spare_lone or expect.touching_share > 0
    return not together and expect.spare_near_to is None and expect.at_least is None


def _judge_each(expect: Pieces, context: Context) -> Verdict:
    """Judge each label by itself, those that are as they were before not again."""

    def find(labels: list[int]) -> dict[int, _Extra]:
        found = context.components(labels, expect.connectivity)
        counted = ~context.below_ml(found.voxels, expect.ignore_below_ml)
        at_fault, place = _wrong(expect, found, counted, context)
        extra = _extra_of(found, at_fault, place)
        # They are in the order of labels.
        stop = np.searchsorted(found.label[at_fault], labels, side="right").tolist()
        each = {}
        for label, first, last in zip(labels, [0, *stop], stop, strict=False):
            rows = np.flatnonzero((extra.part >= first) & (extra.part < last))
            own = extra.part[rows] - first
            each[label] = _Extra(take_runs(extra.runs, rows), own, extra.place[first:last])
        return each

    key = replace(expect, labels=())
    each = [own for own in context.known.facts(expect.labels, key, find).values() if own.part.size]
    if not each:
        return Verdict()
    count = np.cumsum([0, *(own.place.size for own in each)])
    part = np.concatenate([own.part + at for own, at in zip(each, count.tolist(), strict=False)])
    runs = concatenated([own.runs for own in each])
    order = np.argsort(runs.start)
    faults = grouped_faults(take_runs(runs, order), part[order], int(count[-1]))
    return Verdict(tuple(_findings(faults, np.concatenate([own.place for own in each]))), faults)


def _wrong(
    expect: Pieces, found: Components, counted: NDArray[np.bool_], context: Context
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Tell which components are at fault, and the place of each, 0 for the largest of its label."""
    # Place among the counted components of the same label: they come by label and then by size,
    # so those that do not count are the last of their label.
    place = found.rank
    at_fault = np.zeros(len(found), dtype=bool)
    if expect.at_most is not None:
        at_fault = counted & (place >= expect.at_most) & _extra(expect, found)
        if expect.spare_lone:
            at_fault &= ~_lone(expect, found, context)
        if expect.touching_share > 0:
            shares = touching_shares(expect.labels, expect.connectivity, expect.joint, context)
            at_fault &= shares >= expect.touching_share
        if expect.spare_near_to is not None:
            at_fault &= ~_near_others(expect.spare_near_to, at_fault, expect, found, context)
        if expect.spare_near_mm > 0:
            stays = counted & ~at_fault
            at_fault &= ~pieces_near(found, at_fault, stays, expect.spare_near_mm, own_label=True)
    return at_fault, place


def _extra_of(found: Components, at_fault: NDArray[np.bool_], place: NDArray[np.int64]) -> _Extra:
    """Take out the components at fault."""
    number = np.cumsum(at_fault) - 1
    rows = np.flatnonzero(at_fault[found.of_run]) if len(found) else np.empty(0, dtype=np.intp)
    return _Extra(take_runs(found.labelmap, rows), number[found.of_run[rows]], place[at_fault])


def _findings(faults: Faults | None, place: NDArray[np.int64]) -> list[Finding]:
    values = [(("place", float(at + 1)),) for at in place.tolist()]
    return list(findings_by_part(faults, "another piece", values))


def _extra(expect: Pieces, found: Components) -> NDArray[np.bool_]:
    """Tell for each component whether it is of such a size and place that it may be at fault."""
    # A quotient of integers is rounded as the share itself was: 11 of 20 is 0.55.
    share = found.voxels / found.largest
    extra = share >= expect.at_least_share
    if expect.at_most_share is not None:
        extra &= share <= expect.at_most_share
    if expect.spare_border_mm is not None:
        extra &= ~_at_border(expect.spare_border_mm, found)
    return np.asarray(extra)


def _lone(expect: Pieces, found: Components, context: Context) -> NDArray[np.bool_]:
    """Tell for each component whether it touches no other label: it is a pooled one by itself."""
    pooled = context.components(expect.labels, expect.connectivity, joint=True)
    first = np.unique(found.of_run, return_index=True)[1]
    return np.asarray(pooled.voxels[pooled.of_run[first]] == found.voxels)


def _near_others(
    near: NearTo, asked: NDArray[np.bool_], expect: Pieces, found: Components, context: Context
) -> NDArray[np.bool_]:
    """Tell for some components whether they come near to other labels."""
    if expect.joint:  # they are pooled, as if they had one label
        near = replace(near, labels=tuple(n for n in near.labels if n not in expect.labels))
    # One more, for the runs that are in no component: they have number -1.
    part = np.where(np.append(asked, False)[found.of_run], found.of_run, -1)
    return parts_near(found.labelmap, part, len(found), near, context)


def _at_border(within: float, found: Components) -> NDArray[np.bool_]:
    """Tell for each component whether it comes within a distance of an outermost voxel layer."""
    grid = found.labelmap.grid
    layers = np.minimum(found.box_lo, np.array(grid.shape) - found.box_hi)
    return np.asarray((settled(layers * plane_spacing_mm(grid)) <= within).any(axis=1))
