"""Labels that must be absent from a region, and labels that must be present."""

from __future__ import annotations

import numpy as np

from vesalius.engine.context import Context
from vesalius.engine.expect.located import centre_split
from vesalius.engine.regions import split_by_region
from vesalius.engine.steps import Absent, Present
from vesalius.engine.verdict import (
    Finding,
    Verdict,
    connected_faults,
    findings_by_label,
    findings_by_part,
    take_runs,
)


def judge_absent(expect: Absent, context: Context) -> Verdict:
    """Find the components, or voxels, of labels that lie in a region.

    A label of which no more than `at_most_ml` lies there is not at fault.

    Raises
    ------
    Missing
        If an anchor of the region cannot be used.
    """
    if expect.per == "component":
        split = centre_split(expect.labels, expect.region, context)
    else:
        split = split_by_region(context.part(expect.labels), expect.region, context)
    voxels = np.bincount(split.runs.label, weights=split.runs.lengths * split.inside, minlength=1)
    too_much = context.above_ml(voxels, expect.at_most_ml)
    faults = connected_faults(take_runs(split.runs, split.inside & too_much[split.runs.label]))
    kind = "present" if not expect.region else "in the region"
    if expect.per == "component":
        return Verdict(findings_by_part(faults, kind), faults)
    return Verdict(findings_by_label(faults, kind), faults)


def judge_present(expect: Present, context: Context) -> Verdict:
    """Find the labels that have no voxels: each of them, or all where one would do."""
    there = set(context.present(expect.labels))
    absent = tuple(label for label in expect.labels if label not in there)
    if expect.all_of:
        return Verdict(tuple(Finding("absent", (label,)) for label in absent))
    if there:
        return Verdict()
    return Verdict((Finding("absent", absent),))
