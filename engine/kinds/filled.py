"""Background that one label encloses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vesalius.engine.judging.cavities import cavities
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.judging.verdict import Verdict, findings_by_part, grouped_faults
from vesalius.engine.plan.roles import LabelsEnclosing, Millilitres
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class Filled(Expect):
    """Each label has no enclosed cavity of background larger than `holes_at_most_ml`.

    Those larger than `ignore_above_ml` are passed over.
    """

    labels: LabelsEnclosing
    holes_at_most_ml: Millilitres = 0.0
    ignore_above_ml: Millilitres | None = None


def judge_filled(expect: Filled, context: Context) -> Verdict:
    """Find the holes in labels.

    A hole is a 6-connected component of background, larger than `holes_at_most_ml` and no larger
    than `ignore_above_ml`, that does not reach the border of the scan and has faces with exactly
    one label, which is one of `labels`. What several labels enclose together is a gap between them
    and no hole. Each hole is a part of label 0 whose target is the label around it; findings name
    that label.
    """
    if not context.present(expect.labels):
        return Verdict()
    found = cavities(context)
    at_fault = np.isin(found.around, np.asarray(expect.labels)) & (found.around > 0)
    at_fault &= context.above_ml(found.voxels, expect.holes_at_most_ml)
    if expect.ignore_above_ml is not None:
        at_fault &= ~context.above_ml(found.voxels, expect.ignore_above_ml)
    number = np.cumsum(at_fault) - 1
    rows = np.flatnonzero(at_fault[found.cavity]) if at_fault.any() else np.empty(0, np.intp)
    target = found.around[at_fault]
    faults = grouped_faults(
        take_runs(found.runs, rows), number[found.cavity[rows]], target.size, target
    )
    values = [(("at_most_ml", expect.holes_at_most_ml),)] * target.size
    findings = findings_by_part(faults, "hole", values)
    named = tuple(
        replace(finding, labels=(int(label),))
        for finding, label in zip(findings, target, strict=True)
    )
    return Verdict(named, faults)
