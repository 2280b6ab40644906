"""Two labels that may have changed places, told apart by what lies near each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import (
    Verdict,
    findings_by_part,
    grouped_faults,
    take_runs,
)
from vesalius.engine.plan.reason import Reason
from vesalius.engine.plan.roles import (
    Count,
    LabelsAmong,
    LabelsJudged,
    LabelsRead,
    Millimetres,
    Share,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.nearest import nearest_labels


@dataclass(frozen=True)
class ToldApart(Expect):
    """Of two labels each is nearer to what belongs to it than the other one is.

    Each label of `near_first` comes nearer to the first of the two than to the second, each of
    `near_second` nearer to the second, by voxel centres and within `reach_mm`; one that is as near
    to both, or near to none, says nothing. The two have changed places if all that say something
    say the opposite: at least `fewest`, and of each list that is not empty at least one. Then both
    are at fault, and each is to have the label of the other. Where a label of `larger` has at least
    as many voxels as the other one, or the two are further apart than `gap_mm` (unless that is 0),
    nothing has changed places.

    A body is a component (corners connect) with at least `body_share` of the voxels of the largest
    of its label. Where the same is not said of each body of a label, as if that were all of it,
    only a part may carry the other's label: that is found, and no voxel is at fault.
    """

    labels: LabelsJudged
    near_first: LabelsRead
    near_second: LabelsRead
    reach_mm: Millimetres
    fewest: Count = 2
    larger: LabelsAmong = ()
    body_share: Share = 0.1
    gap_mm: Millimetres = 0.0


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
    runs = context.part(pair)
    wrong = _witnesses(expect, runs, context)
    if wrong < max(expect.fewest, 1) or not _side_by_side(expect, context):
        return Verdict()
    whole = all(
        _witnesses(expect, apart, context) >= max(expect.fewest, 1)
        for apart in _bodies_apart(expect, runs, context)
    )
    low, high = sorted(pair)
    part = (runs.label == high).astype(np.intp)
    faults = grouped_faults(runs, part, 2, [high, low])
    values = [(("witnesses", float(wrong)),)] * 2
    found = findings_by_part(faults, "changed places", values)
    said = "it has" if whole else "it, or a part of it, has"
    notes = (f"{said} changed places with {context.name(name)}" for name in (high, low))
    findings = tuple(
        replace(finding, note=note) for finding, note in zip(found, notes, strict=True)
    )
    return Verdict(findings, faults if whole else None)


def _side_by_side(expect: ToldApart, context: Context) -> bool:
    """Tell whether the two are no further apart than is allowed."""
    first, second = (context.part((label,)) for label in expect.labels)
    return not expect.gap_mm or bool(nearest_labels(first, second, expect.gap_mm))


def _bodies_apart(expect: ToldApart, runs: LabelMap, context: Context) -> Iterator[LabelMap]:
    """Give the two with each body alone of a label that has several."""
    for label in expect.labels:
        found = context.components((label,), 26)
        bodies = np.flatnonzero(found.voxels >= expect.body_share * found.voxels[0])
        for body in bodies if bodies.size > 1 else ():
            alone = runs.label != label
            alone[~alone] = found.of_run == body
            yield take_runs(runs, alone)


def _witnesses(expect: ToldApart, theirs: LabelMap, context: Context) -> int:
    """Count what says that the two have changed places; 0 where something says they have not."""
    owners: dict[int, set[int]] = {}
    for own, near in zip(expect.labels, (expect.near_first, expect.near_second), strict=True):
        for label in near:
            owners.setdefault(label, set()).add(own)
    runs = {label: context.part((label,)) for label in context.present(sorted(owners))}
    met: dict[int, tuple[int, ...]] = {}
    # One by one, what is found fastest first: mostly the first says that all is right.
    for label in sorted(runs, key=lambda label: len(runs[label])):
        met |= nearest_labels(runs[label], theirs, expect.reach_mm)
        if any(met.get(label) == (own,) for own in owners[label]):
            return 0
    wrong = 0
    others = expect.labels[::-1]
    for other, near in zip(others, (expect.near_first, expect.near_second), strict=True):
        said = [met.get(label, ()) for label in near].count((other,))
        if near and not said:
            return 0
        wrong += said
    return wrong
