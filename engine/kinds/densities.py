"""Whether a map lies where the image has what it names: a vote of the densities of many labels."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import hu_sums, lacking_values
from vesalius.engine.judging.verdict import Finding, Missing, Verdict
from vesalius.engine.plan.roles import Count, Hounsfield, LabelsJudged, Share
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class HuRange:
    """Mean Hounsfield values that labels may have."""

    labels: LabelsJudged
    at_least_hu: Hounsfield | None = None
    at_most_hu: Hounsfield | None = None


@dataclass(frozen=True)
class Densities(Expect):
    """Not so large a share of the labels has a mean Hounsfield value outside its range.

    A few may, for many reasons. Where `share` of them do, and those are at least
    `at_least`, the map lies beside what it names.
    """

    ranges: tuple[HuRange, ...]
    at_least: Count
    share: Share


def judge_densities(expect: Densities, context: Context) -> Verdict:
    """Find a map that does not fit the image.

    A label without finite values, or with few, is not judged. The finding is about the whole map,
    which is doubted; its labels are those with an impossible mean.

    Raises
    ------
    Missing
        If there is no image, or too few labels are present.
    """
    judged = tuple(sorted({label for one in expect.ranges for label in one.labels}))
    present = context.present(judged)
    sums = hu_sums(present, context)
    means = {label: sums.mean(label) for label in present}
    compared = {
        label: mean
        for label, mean in means.items()
        if mean is not None and not lacking_values(label, sums, context)
    }
    if len(compared) < max(expect.at_least, 1):
        raise Missing(f"fewer than {expect.at_least} structures have a known density")
    wrong = sorted(
        {
            label
            for one in expect.ranges
            for label in one.labels
            if label in compared and _outside(compared[label], one)
        }
    )
    if len(wrong) < expect.at_least or len(wrong) < expect.share * len(compared):
        return Verdict()
    values = (("wrong", float(len(wrong))), ("compared", float(len(compared))))
    finding = Finding("beside the image", tuple(wrong), values=values)
    return Verdict((finding,), doubted=tuple(context.work.labels().tolist()))


def _outside(mean: float, one: HuRange) -> bool:
    low, high = one.at_least_hu, one.at_most_hu
    return (low is not None and mean < low) or (high is not None and mean > high)
