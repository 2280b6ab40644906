"""The volume of some labels over that of others."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.judging.about import cut_reasons, none_of, too_few
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Finding, Values, Verdict
from vesalius.engine.plan.roles import Bound, Count, LabelsJudged, LabelsRead
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class VolumeRatio(Expect):
    """Volume of `labels` over that of `others`, both uncut and present, lies in a range.

    Of fewer voxels than `fewest_voxels` of `labels` nothing is said.
    """

    labels: LabelsJudged
    others: LabelsRead
    at_least: Bound | None = None
    at_most: Bound | None = None
    fewest_voxels: Count = 0


def judge_volume_ratio(expect: VolumeRatio, context: Context) -> Verdict:
    """Compare the volume of some labels with that of others.

    Nothing can be said unless some of both are present and all those are uncut, nor of a few
    voxels, whose number is chance. The finding is about all of them, and there are no parts: which
    of the two is wrong is not known.
    """
    first, second = context.present(expect.labels), context.present(expect.others)
    for found, wanted in ((first, expect.labels), (second, expect.others)):
        if not found:
            return Verdict(lacks=(none_of(wanted, context),))
    cut = cut_reasons((*first, *second), context)
    if cut:
        reasons = tuple(cut.values())
        return Verdict(lacks=reasons, unsaid=reasons)
    above = sum(context.voxels(first).values())
    below = sum(context.voxels(second).values())
    if above < expect.fewest_voxels:
        few = (too_few(first, context),)
        return Verdict(lacks=few, unsaid=few)
    ratio = above / below
    values: Values = (("ratio", ratio),)
    if expect.at_least is not None and ratio < expect.at_least:
        kind, values = "too small a ratio", (*values, ("at_least", expect.at_least))
    elif expect.at_most is not None and ratio > expect.at_most:
        kind, values = "too large a ratio", (*values, ("at_most", expect.at_most))
    else:
        return Verdict()
    labels = tuple(sorted({*first, *second}))
    return Verdict((Finding(kind, labels, values=values),))
