"""Sequences of labels: their order along a direction, and gaps in them."""

from __future__ import annotations

import itertools

import numpy as np

from vesalius.engine.context import Context
from vesalius.engine.expect.about import some_names
from vesalius.engine.halfspace import evaluate
from vesalius.engine.projection import along, settled
from vesalius.engine.steps import Contiguous, Ordered
from vesalius.engine.verdict import Finding, Values, Verdict, position


def judge_ordered(expect: Ordered, context: Context) -> Verdict:
    """Find neighbours of a sequence whose centres do not advance along the direction.

    Each present label is compared with the next one of the list that is present; with
    `skip_cut` labels at the border of the scan are passed over, for the centre of what is seen
    is not their centre. Bounds of the step hold between neighbours of the list only, neither of
    them cut. A pair yields one finding, and there are no parts: which of the two is wrong is
    not known. Steps are compared to 1e-6 mm.
    """
    found = context.measures(expect.labels)
    heights_mm = evaluate(along(found.grid, expect.direction), *found.centre_ijk.T)
    row = {label: at for at, label in enumerate(found.label.tolist())}
    cut = {label: bool(found.on_border[at].any()) for label, at in row.items()}
    present = [label for label in expect.labels if label in row]
    judged = [label for label in present if not (expect.skip_cut and cut[label])]
    if len(judged) < 2:
        reason = f"an order needs two labels, and {len(judged)} can be compared"
        passed_over = [label for label in present if cut[label] and label not in judged]
        if passed_over:
            names = some_names(passed_over, context)
            reason += f"; cut by the border of the scan: {names}"
        return Verdict(missing=reason)
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
    return Verdict(tuple(findings))


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


def judge_contiguous(expect: Contiguous, context: Context) -> Verdict:
    """Find the gaps between the first and the last present label of a sequence.

    A gap is what lies between two present labels with nothing present between them, if more
    than `optional` labels are missing there. Its finding names the missing labels; the place is
    halfway between the centres of the two. Fewer than two present labels have no gap. With
    `skip_cut` there is none where the border of the scan cuts both, for what is missing may lie
    outside.
    """
    found = context.measures(expect.labels)
    row = {label: at for at, label in enumerate(found.label.tolist())}
    places = [at for at, label in enumerate(expect.labels) if label in row]
    findings = []
    for one, other in itertools.pairwise(places):
        between = expect.labels[one + 1 : other]
        missing = tuple(label for label in between if label not in expect.optional)
        both = (expect.labels[one], expect.labels[other])
        if expect.skip_cut and all(context.cut_by_border(label) for label in both):
            continue
        if missing:
            ends = [row[expect.labels[one]], row[expect.labels[other]]]
            at_mm = position(np.asarray(found.centre_mm[ends].mean(axis=0)))
            values = (("missing", float(len(missing))),)
            findings.append(Finding("gap", missing, at_mm=at_mm, values=values))
    return Verdict(tuple(findings))
