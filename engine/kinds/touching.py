"""A neighbour that must be near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vesalius.engine.judging.about import cut_reasons, label_verdict, none_of
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import away_mm, comes_near
from vesalius.engine.judging.usual_step import usual_step_mm
from vesalius.engine.judging.verdict import Reason, Values, Verdict
from vesalius.engine.plan.roles import LabelsJudged, LabelsRead, Millimetres, Times
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.distance import diagonal_mm
from vesalius.engine.runs.grid import plane_spacing_mm
from vesalius.engine.runs.projection import settled


@dataclass(frozen=True)
class Touching(Expect):
    """Each of `labels` comes within `gap_mm` of one of `others` (surface to surface).

    `gap_steps` gives the gap in usual steps of this patient, the median step of the labels of
    `unit`. Where neither is given it is the diagonal of a voxel: they share a face, an edge or a
    corner.
    """

    labels: LabelsJudged
    others: LabelsRead
    gap_mm: Millimetres | None = None
    gap_steps: Times | None = None
    unit: LabelsRead = ()


def judge_touching(expect: Touching, context: Context) -> Verdict:
    """Find the labels that are further than the gap from all of the others.

    The distance is that of the nearest voxel centres, so labels that share a face are one
    voxel spacing apart. A label is not compared with itself. Nothing can be said about a label
    where none of the others is present, and about one that is too far from them if it is cut by
    the border of the scan, or if one of the others is cut by it so near that it may continue
    within the gap. Each label at fault is one part.
    """
    gap_mm = _gap_mm(expect, context)
    others = context.present(expect.others)
    cut = cut_reasons(expect.labels, context)
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[Reason] = []
    judged = 0
    for label in context.present(expect.labels):
        near = tuple(other for other in others if other != label)
        if not near:
            wanted = [other for other in expect.others if other != label]
            unsaid.append(none_of(wanted, context))
            continue
        if comes_near(label, near, gap_mm, context):
            judged += 1
            continue
        doubt = cut.get(label) or _may_continue(label, near, gap_mm, context)
        if doubt:
            unsaid.append(doubt)
            continue
        judged += 1
        mm = ("mm", away_mm(label, near, context))
        if expect.gap_mm is None and expect.gap_steps is None:
            wrong.append((label, "does not touch", (mm,)))
        else:
            wrong.append((label, "too far away", (mm, ("at_most_mm", gap_mm))))
    return label_verdict(wrong, judged, unsaid, context)


def _gap_mm(expect: Touching, context: Context) -> float:
    if expect.gap_steps is not None:
        return float(settled(expect.gap_steps * usual_step_mm(expect.unit, context)))
    return diagonal_mm(context.grid) if expect.gap_mm is None else expect.gap_mm


def _may_continue(
    label: int, near: Sequence[int], gap_mm: float, context: Context
) -> Reason | None:
    """Return the reason that one of the others may be near enough outside the scan."""
    found = context.measures((label,))
    shape = context.grid.shape
    spacing = plane_spacing_mm(context.grid)
    for other in near:
        cut = context.measures((other,)).on_border[0]
        for axis in range(3):
            # Planes from the label to the first one outside the scan, at both ends.
            ends = (found.box_lo[0, axis] + 1, shape[axis] - found.box_hi[0, axis] + 1)
            for planes, is_there in zip(ends, cut[axis], strict=True):
                if is_there and planes * spacing[axis] <= gap_mm + 1e-6:
                    name = context.name(other)
                    return Reason(f"{name} is cut by the border of the scan nearby", cut=(name,))
    return None
