"""How far labels reach along a direction, over how far others do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.about import cut_reasons, label_verdict, none_of, too_few
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import MAIN_SHARE
from vesalius.engine.judging.verdict import Reason, Values, Verdict
from vesalius.engine.merge.main_pieces import PIECE_CONNECTIVITY
from vesalius.engine.plan.roles import Bound, Count, Direction, LabelsJudged, LabelsRead
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.projection import minima_mm, settled


@dataclass(frozen=True)
class ExtentRatio(Expect):
    """How far each label reaches along a direction, over the mean of `others`, lies in a range.

    A label is not compared with itself. Neither one that the border of the scan cuts nor one of
    fewer voxels than `fewest_voxels` is judged, nor what would be compared with such a one.
    """

    labels: LabelsJudged
    others: LabelsRead
    direction: Direction
    at_least: Bound | None = None
    at_most: Bound | None = None
    fewest_voxels: Count = 0


def judge_extent_ratio(expect: ExtentRatio, context: Context) -> Verdict:
    """Find labels that are too narrow or too wide along the direction; each is one part."""
    present, others = context.present(expect.labels), context.present(expect.others)
    if present and not others:
        return Verdict(lacks=(none_of(expect.others, context),))
    cut = cut_reasons(tuple({*present, *others}), context)
    voxels = context.voxels(tuple({*present, *others}))
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[Reason] = []
    judged = 0
    for label in present:
        beside = tuple(other for other in others if other != label)
        reasons = [cut[one] for one in (label, *beside) if one in cut]
        if not beside:
            reasons = [Reason(f"alone: {context.name(label)}")]
        few = tuple(one for one in (label, *beside) if voxels[one] < expect.fewest_voxels)
        if few and beside:
            reasons.append(too_few(few, context))
        if reasons:
            unsaid.extend(reasons)
            continue
        judged += 1
        fault = _fault(label, beside, expect, context)
        if fault is not None:
            wrong.append((label, *fault))
    return label_verdict(wrong, judged, unsaid, context)


def _fault(
    label: int, others: tuple[int, ...], expect: ExtentRatio, context: Context
) -> tuple[str, Values] | None:
    """Return what is wrong with a label, None where nothing is."""
    mine = _extent_mm(label, expect.direction, context)
    usual = sum(_extent_mm(other, expect.direction, context) for other in others) / len(others)
    if usual == 0:  # One layer of voxels has no extent to compare with.
        return None
    ratio = float(settled(mine / usual))
    values: Values = (("mm", mine), ("ratio", ratio))
    if expect.at_least is not None and ratio < expect.at_least:
        return "too narrow", (*values, ("at_least", expect.at_least))
    if expect.at_most is not None and ratio > expect.at_most:
        return "too wide", (*values, ("at_most", expect.at_most))
    return None


def _extent_mm(label: int, direction: tuple[float, float, float], context: Context) -> float:
    """Return how far the outermost voxels of the main pieces of a label are apart, by centres."""

    def measure() -> float:
        # A stray moves no end.
        runs = context.known.main_runs((label,), PIECE_CONNECTIVITY, MAIN_SHARE)
        one = np.zeros(runs.label.size, dtype=np.int32)
        x, y, z = direction
        ends = (minima_mm(runs, one, 1, turned)[0] for turned in (direction, (-x, -y, -z)))
        return float(settled(-sum(ends)))

    return context.cached("extent", (label,), measure, direction)
