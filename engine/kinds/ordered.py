"""The order of labels along a direction."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vesalius.engine.judging.about import cut_reason, some_names
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import cut_at_ends, main_measures
from vesalius.engine.judging.usual_step import usual_step_mm
from vesalius.engine.judging.verdict import Finding, Missing, Reason, Values, Verdict, position
from vesalius.engine.plan.roles import (
    Bound,
    Direction,
    LabelsJudged,
    LabelsRead,
    Millimetres,
    Times,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.halfspace import evaluate
from vesalius.engine.runs.projection import along, settled


@dataclass(frozen=True)
class Ordered(Expect):
    """Centres of the present labels advance along a direction, in the order given.

    The centre of a label is that of its main pieces. A label is cut where they reach an end of the
    scan along the direction, with `any_face` its border anywhere. `at_least_mm` and
    `at_most_mm` bound the step between neighbours of the list that are both present and uncut; a
    plain order allows steps back of up to `tolerance_mm`. `at_least_steps` and `at_most_steps`
    bound it in usual steps of this patient, the median step of the labels of `unit`; where there is
    none, nothing is said of bounds.
    """

    labels: LabelsJudged
    direction: Direction
    tolerance_mm: Millimetres = 0.0
    at_least_mm: Bound | None = None
    at_most_mm: Bound | None = None
    skip_cut: bool = True
    any_face: bool = False
    at_least_steps: Times | None = None
    at_most_steps: Times | None = None
    unit: LabelsRead = ()


def judge_ordered(expect: Ordered, context: Context) -> Verdict:
    """Find neighbours of a sequence whose centres do not advance along the direction.

    Each present label is compared with the next one of the list that is present; with
    `skip_cut` labels that the scan cuts are passed over, for the centre of what is seen
    is not their centre. Bounds of the step hold between neighbours of the list only, neither of
    them cut. A pair yields one finding, and there are no parts: which of the two is wrong is
    not known. Steps are compared to 1e-6 mm.
    """
    found = main_measures(expect.labels, context)
    if not len(found.label):
        return Verdict(lacks=(_too_few((), (), expect, context),))
    heights_mm = evaluate(along(found.grid, expect.direction), *found.centre_ijk.T)
    row = {label: at for at, label in enumerate(found.label.tolist())}
    x, y, z = expect.direction
    ended = cut_at_ends(found, () if expect.any_face else (expect.direction, (-x, -y, -z)))
    cut = {label: bool(ended[at]) for label, at in row.items()}
    present = [label for label in expect.labels if label in row]
    judged = [label for label in present if not (expect.skip_cut and cut[label])]
    left_out = [label for label in present if label not in judged]
    unsaid = tuple(cut_reason(label, context) for label in left_out)
    if len(judged) < 2:
        return Verdict(lacks=(_too_few(judged, left_out, expect, context),), unsaid=unsaid)
    try:
        expect = _in_mm(expect, context)
    except Missing as missing:
        unsaid += (missing.reason,)
        expect = replace(expect, at_least_mm=None, at_most_mm=None)
    place = {label: at for at, label in enumerate(expect.labels)}
    findings = []
    for one, other in itertools.pairwise(judged):
        step_mm = float(settled(heights_mm[row[other]] - heights_mm[row[one]]))
        bounded = place[other] - place[one] == 1 and not (cut[one] or cut[other])
        fault = _fault(expect, step_mm, bounded)
        if fault is not None:
            kind, values = fault
            at_mm = position(found.centre_mm[row[other]])
            findings.append(Finding(kind, (one, other), at_mm=at_mm, values=values))
    return Verdict(tuple(findings), unsaid=unsaid)


def _too_few(
    judged: Sequence[int], cut: Sequence[int], expect: Ordered, context: Context
) -> Reason:
    """Say that there is no order of so few labels, and what became of the others."""
    text = f"an order needs two labels, and {len(judged)} can be compared"
    if cut:
        text += f"; cut by the border of the scan: {some_names(cut, context)}"
    there = {*judged, *cut}
    # Where two are there, those that are not are no matter.
    lost = [label for label in expect.labels if label not in there] if len(there) < 2 else []
    absent, ended = (tuple(context.name(label) for label in labels) for labels in (lost, cut))
    return Reason(text, absent, ended)


def _in_mm(expect: Ordered, context: Context) -> Ordered:
    """Give the bounds of a step in millimetres.

    Raises
    ------
    Missing
        If they are written in usual steps, and there is none.
    """
    bounds = expect.at_least_steps, expect.at_most_steps
    if bounds == (None, None):
        return expect
    unit_mm = usual_step_mm(expect.unit, context)
    least, most = (None if n is None else float(settled(n * unit_mm)) for n in bounds)
    return replace(expect, at_least_mm=least, at_most_mm=most)


def _fault(expect: Ordered, step_mm: float, bounded: bool) -> tuple[str, Values] | None:
    """Return what is wrong with a step, None where nothing is."""
    step = ("step_mm", step_mm)
    if step_mm < -expect.tolerance_mm:
        return "out of order", (step,)
    if bounded and expect.at_least_mm is not None and step_mm < expect.at_least_mm:
        return "too small a step", (step, ("at_least_mm", expect.at_least_mm))
    if bounded and expect.at_most_mm is not None and step_mm > expect.at_most_mm:
        return "too large a step", (step, ("at_most_mm", expect.at_most_mm))
    return None
