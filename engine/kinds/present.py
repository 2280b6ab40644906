"""Labels that must be there."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Finding, Reason, Verdict
from vesalius.engine.plan.roles import Count, LabelsJudged
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class Present(Expect):
    """Some (or all) of the labels have voxels; judged where at least `fewest` of them have."""

    labels: LabelsJudged
    all_of: bool = False
    fewest: Count = 0


def judge_present(expect: Present, context: Context) -> Verdict:
    """Find the labels that have no voxels: each of them, or all where one would do."""
    there = set(context.present(expect.labels))
    if len(there) < expect.fewest:
        few = Reason(f"{len(there)} of them are there, and it needs {expect.fewest}")
        return Verdict(lacks=(few,))
    absent = tuple(label for label in expect.labels if label not in there)
    if expect.all_of:
        return Verdict(tuple(Finding("absent", (label,)) for label in absent))
    if there:
        return Verdict()
    return Verdict((Finding("absent", absent),))
