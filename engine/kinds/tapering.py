"""Labels that must not end at full width on another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.ends import End, flat_ends
from vesalius.engine.judging.measures import chosen_runs
from vesalius.engine.judging.verdict import Finding, Verdict
from vesalius.engine.plan.roles import (
    BackgroundToo,
    LabelsJudged,
    LabelsRead,
    Millimetres,
    Share,
    SquareMillimetres,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.labelmap import LabelMap


@dataclass(frozen=True)
class Tapering(Expect):
    """No label ends at full width on one of others, as if that were the rest of it.

    Of each label the largest component counts (faces connect). Along each axis of the grid it has
    two ends. One is at fault where the last layer of voxels has at least `flat_share` of the mean
    of the two layers behind it, an area of `at_least_mm2`, and where at least `meets_share` of its
    voxels share the faces of that end with one label of `against`. What grows and shrinks evenly
    loses three fifths from layer to layer there. At the edge of the grid nothing is said, nor along
    an axis with layers thicker than `layer_at_most_mm`, in which a round end lies within one. With
    `background` those ends are at fault that lie on background and `against` taken together; what
    the border of the scan cuts is passed over then.
    """

    labels: LabelsJudged
    against: LabelsRead
    flat_share: Share = 0.75
    meets_share: Share = 0.9
    at_least_mm2: SquareMillimetres = 200.0
    layer_at_most_mm: Millimetres = 6.0
    background: BackgroundToo = False


def judge_tapering(expect: Tapering, context: Context) -> Verdict:
    """Find the ends of labels that are cut off by another label."""
    findings: list[Finding] = []
    limits = expect.flat_share, expect.at_least_mm2, expect.layer_at_most_mm

    def largest(label: int) -> LabelMap:
        return chosen_runs(label, np.array([0]), context).runs

    def find(labels: list[int]) -> dict[int, list[End]]:
        return {label: list(flat_ends(largest(label), *limits)) for label in labels}

    asked = [
        label
        for label in context.present(sorted(set(expect.labels)))
        if not (expect.background and context.cut_by_border(label))
    ]
    for label, ends in context.known.facts(asked, ("flat ends", limits), find).items():
        found = _cut_off(label, ends, expect, context)
        findings += sorted(found, key=lambda one: one.at_mm or ())
    return Verdict(tuple(findings))


def _cut_off(
    label: int, ends: Sequence[End], expect: Tapering, context: Context
) -> Iterator[Finding]:
    """Yield a finding for each end of a body that is cut off."""
    for end in ends:
        beyond = end.beyond(context.work)
        others = np.array([n for n in expect.against if n != label and n < beyond.size], int)
        labels: tuple[int, ...]
        if expect.background:
            kind, labels = "cut short", (label,)
            share = beyond[0] + beyond[others].sum()
        elif others.size:
            met = int(others[np.lexsort((others, -beyond[others]))[0]])
            kind, labels, share = "cut off", (label, met), beyond[met]
        else:
            continue
        if share < expect.meets_share * end.layer.voxels:
            continue
        yield replace(end.found, kind=kind, labels=labels)
