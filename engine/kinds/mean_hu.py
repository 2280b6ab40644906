"""The mean Hounsfield value of labels."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.judging.about import label_verdict
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import hu_sums, lacking_values
from vesalius.engine.judging.verdict import Reason, Values, Verdict
from vesalius.engine.plan.roles import Hounsfield, LabelsJudged
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class MeanHu(Expect):
    """Mean Hounsfield value of each label lies in a range."""

    labels: LabelsJudged
    at_least_hu: Hounsfield | None = None
    at_most_hu: Hounsfield | None = None


def judge_mean_hu(expect: MeanHu, context: Context) -> Verdict:
    """Find labels whose mean Hounsfield value is too low or too high.

    An absent label is neither. Values that are not finite do not count, and nothing can be said
    about a label that has few others. Each label at fault is one part.

    Raises
    ------
    Missing
        If there is no image.
    """
    present = context.present(expect.labels)
    sums = hu_sums(present, context)
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[Reason] = []
    judged = 0
    for label in present:
        mean = sums.mean(label)
        lacking = lacking_values(label, sums, context)
        if lacking or mean is None:
            unsaid.append(Reason(lacking))
            continue
        judged += 1
        figure = ("mean_hu", round(mean, 6))
        if expect.at_least_hu is not None and mean < expect.at_least_hu:
            wrong.append((label, "too dark", (figure, ("at_least_hu", expect.at_least_hu))))
        elif expect.at_most_hu is not None and mean > expect.at_most_hu:
            wrong.append((label, "too bright", (figure, ("at_most_hu", expect.at_most_hu))))
    return label_verdict(wrong, judged, unsaid, context)
