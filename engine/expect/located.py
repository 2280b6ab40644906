"""Labels that must lie inside or outside a region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vesalius.engine.context import Context
from vesalius.engine.regions import Split, centres_inside, split_by_region
from vesalius.engine.steps import Located, Region
from vesalius.engine.verdict import (
    Verdict,
    connected_faults,
    findings_by_label,
    findings_by_part,
    take_runs,
)


def centre_split(labels: Sequence[int], region: Region, context: Context) -> Split:
    """Tell for each run of some labels whether the centre of its component lies in a region.

    Raises
    ------
    Missing
        If an anchor of the region cannot be used.
    """
    found = context.components(labels)
    inside = centres_inside(found.centre_mm, region, context)
    return Split(found.labelmap, inside[found.of_run])


def judge_located(expect: Located, context: Context) -> Verdict:
    """Find the components, or voxels, of labels of which too small a share lies right.

    Raises
    ------
    Missing
        If an anchor of the region cannot be used.
    """
    if expect.per == "component":
        split = centre_split(expect.labels, expect.region, context)
    else:
        split = split_by_region(context.part(expect.labels), expect.region, context)
    right = split.inside == expect.inside
    label, lengths = split.runs.label, split.runs.lengths
    total = np.bincount(label, weights=lengths, minlength=1)
    good = np.bincount(label, weights=lengths * right, minlength=1)
    # A quotient of integers is rounded as the share itself was: 11 of 20 is 0.55.
    too_little = good / np.maximum(total, 1) < expect.share
    faults = connected_faults(take_runs(split.runs, ~right & too_little[label]))
    kind = "outside the region" if expect.inside else "in the region"
    if expect.per == "component":
        return Verdict(findings_by_part(faults, kind), faults)
    return Verdict(findings_by_label(faults, kind), faults)
