"""Labels that must lie inside or outside a region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.meant import meant_faults
from vesalius.engine.judging.regions import lying
from vesalius.engine.judging.verdict import (
    Verdict,
    connected_faults,
    findings_per,
    take_runs,
)
from vesalius.engine.plan.meant import EVERY_PART, Meant
from vesalius.engine.plan.roles import LabelsJudged, Share
from vesalius.engine.plan.step import Expect
from vesalius.engine.plan.where import Condition, Per, Region


@dataclass(frozen=True)
class Located(Expect):
    """At least `share` of each label lies inside the region (or outside, where not `inside`).

    Per component its centre decides and `share` is a share of components' voxels. Where the
    share is too small, every part that lies wrong and is meant is at fault.
    """

    labels: LabelsJudged
    region: Region
    inside: bool
    per: Per = "component"
    share: Share = 1.0
    meant: Meant = EVERY_PART

    def wrong_where(self, label: int) -> Region:
        """Give the region that the label must not lie in, where it is one."""
        del label
        if not self.inside:
            return self.region
        if len(self.region) != 1:
            return ()
        (condition,) = self.region
        return (Condition(condition.anchor, inside=not condition.inside),)


def judge_located(expect: Located, context: Context) -> Verdict:
    """Find the components, or voxels, of labels of which too small a share lies right.

    Raises
    ------
    Missing
        If an anchor of the region cannot be used.
    """
    wrong = lying(expect.labels, expect.region, expect.per, context, inside=not expect.inside)
    lies_wrong = wrong.voxels_by_label
    total = np.ones_like(lies_wrong)
    for label, voxels in context.voxels(wrong.labels().tolist()).items():
        total[label] = voxels
    # A quotient of integers is rounded as the share itself was: 11 of 20 is 0.55.
    too_little = (total - lies_wrong) / total < expect.share
    parts = connected_faults(take_runs(wrong, too_little[wrong.label]))
    faults = meant_faults(parts, expect.meant, context)
    kind = "outside the region" if expect.inside else "in the region"
    return Verdict(findings_per(expect.per, faults, kind), faults)
