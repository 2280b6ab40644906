"""Two labels that may have changed places, told apart by what lies near each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Verdict, findings_by_part, grouped_faults
from vesalius.engine.plan.reason import Reason
from vesalius.engine.plan.roles import (
    Count,
    LabelsAmong,
    LabelsJudged,
    LabelsRead,
    Millimetres,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.nearest import nearest_labels


@dataclass(frozen=True)
class ToldApart(Expect):
    """Of two labels each is nearer to what belongs to it than the other one is.

    Each label of `near_first` comes nearer to the first of the two than to the second, each of
    `near_second` nearer to the second, by voxel centres and within `reach_mm`; one that is as near
    to both, or near to none, says nothing. The two have changed places if all that say something
    say the opposite: at least `fewest`, and of each list that is not empty at least one. Then both
    are at fault, and each is to have the label of the other. Where a label of `larger` has at least
    as many voxels as the other one, nothing has changed places.
    """

    labels: LabelsJudged
    near_first: LabelsRead
    near_second: LabelsRead
    reach_mm: Millimetres
    fewest: Count = 2
    larger: LabelsAmong = ()


def judge_told_apart(expect: ToldApart, context: Context) -> Verdict:
    """Ask what lies near which of the two."""
    pair = expect.labels
    there = context.present(pair)
    if len(there) < len(pair):
        if not there:
            return Verdict()
        return Verdict(lacks=(Reason(f"not both are there: {context.names(pair)}"),))
    voxels = context.voxels(pair)
    if any(voxels[label] == max(voxels.values()) for label in expect.larger):
        return Verdict()
    wrong = _witnesses(expect, context)
    if wrong < max(expect.fewest, 1):
        return Verdict()
    runs = context.part(pair)
    low, high = sorted(pair)
    part = (runs.label == high).astype(np.intp)
    faults = grouped_faults(runs, part, 2, [high, low])
    values = [(("witnesses", float(wrong)),)] * 2
    found = findings_by_part(faults, "changed places", values)
    notes = (f"it has changed places with {context.name(name)}" for name in (high, low))
    findings = tuple(
        replace(finding, note=note) for finding, note in zip(found, notes, strict=True)
    )
    return Verdict(findings, faults)


def _witnesses(expect: ToldApart, context: Context) -> int:
    """Count what says that the two have changed places; 0 where something says they have not."""
    pair = expect.labels
    owners: dict[int, set[int]] = {}
    for own, near in zip(pair, (expect.near_first, expect.near_second), strict=True):
        for label in near:
            owners.setdefault(label, set()).add(own)
    runs = {label: context.part((label,)) for label in context.present(sorted(owners))}
    met: dict[int, tuple[int, ...]] = {}
    # One by one, what is found fastest first: mostly the first says that all is right.
    for label in sorted(runs, key=lambda label: len(runs[label])):
        met |= nearest_labels(runs[label], context.part(pair), expect.reach_mm)
        if any(met.get(label) == (own,) for own in owners[label]):
            return 0
    wrong = 0
    for other, near in zip(pair[::-1], (expect.near_first, expect.near_second), strict=True):
        said = [met.get(label, ()) for label in near].count((other,))
        if near and not said:
            return 0
        wrong += said
    return wrong
