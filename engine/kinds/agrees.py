"""Whether the order of pooled components can be trusted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.largest import Largest, largest_pooled
from vesalius.engine.judging.verdict import (
    Finding,
    Values,
    Verdict,
    grouped_faults,
    position,
    take_runs,
)
from vesalius.engine.plan.roles import Connectivity, Count, Direction, LabelsJudged, PlaneNumber
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.projection import medians_mm, minima_mm


@dataclass(frozen=True)
class Agrees(Expect):
    """The side and the order of `Counted`'s components do not depend on how they are measured.

    Used to exclude cases: sides by the plane and by minimum, order by median and by minimum;
    either can be left out. `expected` is the number of components; with fewer, nothing can be
    said.
    """

    labels: LabelsJudged
    anchor: PlaneNumber
    direction: Direction
    expected: Count
    connectivity: Connectivity = 6
    sides: bool = True
    order: bool = True


def judge_agrees(expect: Agrees, context: Context) -> Verdict:
    """Find the components whose side or order depends on how it is measured.

    The `expected` largest pooled components are taken and given sides as in `Counted`. The
    sides agree if the components of the positive side are also those with the largest minimum
    along the plane's normal. The order agrees if on each side the minima along the direction
    rise in the order of the medians. Equal figures (to 1e-6 mm) agree. Each neighbouring pair
    that disagrees is a finding, with the main label of both; there are no parts.

    Raises
    ------
    Missing
        If the anchor cannot be used or there are fewer components than expected.
    """
    labels = expect.labels
    found = largest_pooled(labels, expect.expected, expect.anchor, expect.connectivity, context)
    number = len(found)
    grouped = grouped_faults(
        take_runs(found.runs, found.of_run >= 0), found.of_run[found.of_run >= 0], number
    )
    names = [] if grouped is None else grouped.label.tolist()
    findings: list[Finding] = []
    if expect.sides and found.positive.any() and not found.positive.all():
        normal = context.fitted(expect.anchor).half_space().normal
        reach_mm = minima_mm(found.runs, found.of_run, number, normal)
        near, far = np.flatnonzero(found.positive), np.flatnonzero(~found.positive)
        one, other = near[reach_mm[near].argmin()], far[reach_mm[far].argmax()]
        if reach_mm[one] < reach_mm[other]:
            values = (("minimum_mm", reach_mm[one]), ("other_minimum_mm", reach_mm[other]))
            findings.append(_pair("side", one, other, values, found, names))
    if expect.order:
        middle_mm = medians_mm(found.runs, found.of_run, number, expect.direction)
        least_mm = minima_mm(found.runs, found.of_run, number, expect.direction)
        for side in (found.positive, ~found.positive):
            own = np.flatnonzero(side)
            # Of equal medians the one with the smaller minimum goes before.
            own = own[np.lexsort((least_mm[own], middle_mm[own]))]
            for one, other in itertools.pairwise(own):
                step_mm = least_mm[other] - least_mm[one]
                if step_mm < 0:
                    step = ("median_step_mm", middle_mm[other] - middle_mm[one])
                    values = (step, ("minimum_step_mm", step_mm))
                    findings.append(_pair("order", one, other, values, found, names))
    return Verdict(tuple(findings))


def _pair(
    kind: str,
    one: np.intp,
    other: np.intp,
    values: Values,
    found: Largest,
    names: Sequence[int],
) -> Finding:
    """Return a finding about two components, at the centre of the second."""
    figures = tuple((key, round(float(value), 6) + 0.0) for key, value in values)
    at_mm = position(found.measures.centre_mm[other])
    return Finding(kind, (names[int(one)], names[int(other)]), at_mm=at_mm, values=figures)
