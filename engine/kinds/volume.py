"""The volume of labels."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.judging.about import cut_reasons, label_faults, label_verdict
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Finding, Reason, Values, Verdict, in_ml
from vesalius.engine.plan.roles import Bound, LabelsJudged
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class Volume(Expect):
    """Volume of each label (of all together where `joint`).

    Labels cut by the border of the scan are not judged.
    """

    labels: LabelsJudged
    at_least_ml: Bound | None = None
    at_most_ml: Bound | None = None
    joint: bool = False


def judge_volume(expect: Volume, context: Context) -> Verdict:
    """Find labels that are too small or too large.

    An absent label is neither. A label cut by the border of the scan is not judged; where
    `joint`, nothing can be said if one of them is cut. Each label at fault is one part.
    """
    present = context.present(expect.labels)
    counts = context.voxels(present)
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[Reason] = []
    cut = cut_reasons(present, context)
    if expect.joint:
        if cut:
            reasons = tuple(cut.values())
            return Verdict(lacks=reasons, unsaid=reasons)
        fault = _volume_fault(expect, sum(counts.values()), context) if present else None
        if fault is None:
            return Verdict()
        voxels = sum(counts.values())
        ml = in_ml(context.grid, voxels)
        finding = Finding(fault[0], tuple(sorted(present)), voxels, ml, values=fault[1])
        return Verdict((finding,), label_faults(present, context))
    judged = 0
    for label in present:
        if label in cut:
            unsaid.append(cut[label])
            continue
        judged += 1
        fault = _volume_fault(expect, counts[label], context)
        if fault is not None:
            wrong.append((label, *fault))
    return label_verdict(wrong, judged, unsaid, context)


def _volume_fault(expect: Volume, voxels: int, context: Context) -> tuple[str, Values] | None:
    """Return what is wrong with a volume, None where nothing is."""
    ml = ("ml", in_ml(context.grid, voxels))
    if expect.at_least_ml is not None and context.below_ml(voxels, expect.at_least_ml):
        return "too small", (ml, ("at_least_ml", expect.at_least_ml))
    if expect.at_most_ml is not None and context.above_ml(voxels, expect.at_most_ml):
        return "too large", (ml, ("at_most_ml", expect.at_most_ml))
    return None
