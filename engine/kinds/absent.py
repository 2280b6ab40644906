"""Labels that must be absent from a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.meant import meant_faults
from vesalius.engine.judging.regions import lying
from vesalius.engine.judging.verdict import (
    Faults,
    Verdict,
    connected_faults,
    findings_per,
    take_runs,
)
from vesalius.engine.plan.meant import EVERY_PART, Meant
from vesalius.engine.plan.roles import LabelsJudged, Millilitres
from vesalius.engine.plan.step import Expect
from vesalius.engine.plan.where import Per, Region


@dataclass(frozen=True)
class Absent(Expect):
    """No part of the labels that is meant lies in the region.

    Per component its centre decides. A label of which no more than `at_most_ml` lies there, all
    its parts together, is not at fault.
    """

    met_by_none: ClassVar[bool] = True

    labels: LabelsJudged
    region: Region = ()
    per: Per = "component"
    at_most_ml: Millilitres = 0.0
    meant: Meant = EVERY_PART

    def wrong_where(self, label: int) -> Region:
        """Give the region."""
        del label
        return self.region


def judge_absent(expect: Absent, context: Context) -> Verdict:
    """Find the components, or voxels, of labels that lie in a region.

    A label of which no more than `at_most_ml` lies there, of the parts that are meant, is not at
    fault.

    Raises
    ------
    Missing
        If an anchor of the region cannot be used.
    """
    there = connected_faults(lying(expect.labels, expect.region, expect.per, context, inside=True))
    faults = _too_much(meant_faults(there, expect.meant, context), expect.at_most_ml, context)
    kind = "present" if not expect.region else "in the region"
    return Verdict(findings_per(expect.per, faults, kind), faults)


def _too_much(faults: Faults | None, at_most_ml: float, context: Context) -> Faults | None:
    """Leave out the labels of which no more than so much is at fault."""
    if faults is None:
        return None
    runs = faults.runs
    voxels = np.bincount(runs.label, weights=runs.lengths, minlength=1)
    too_much = context.above_ml(voxels, at_most_ml)[runs.label]
    return faults if too_much.all() else connected_faults(take_runs(runs, too_much))
