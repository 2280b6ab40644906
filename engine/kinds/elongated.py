"""Labels that must be long and thin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.about import cut_reasons, label_verdict
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import spread_mm2
from vesalius.engine.judging.verdict import Values, Verdict
from vesalius.engine.plan.roles import LabelsJudged, Times
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.projection import settled


@dataclass(frozen=True)
class Elongated(Expect):
    """Each label is at least so many times as long as wide.

    Length and width are the spread (the standard deviation) of all points of its voxels along its
    main axis and along the wider one of the two across it: of a box the ratio of its two longest
    sides. Labels cut by the border of the scan are not judged.
    """

    labels: LabelsJudged
    at_least: Times


def judge_elongated(expect: Elongated, context: Context) -> Verdict:
    """Find labels that are not long enough for their width; each is one part.

    All voxels of a label count, in one piece or not.
    """
    present = context.present(expect.labels)
    cut = cut_reasons(present, context)
    whole = tuple(label for label in present if label not in cut)
    wrong: list[tuple[int, str, Values]] = []
    for label in whole:
        ratio = _length_over_width(label, context)
        if ratio < expect.at_least:
            wrong.append(
                (label, "not elongated", (("length", ratio), ("at_least", expect.at_least)))
            )
    return label_verdict(wrong, len(whole), tuple(cut.values()), context)


def _length_over_width(label: int, context: Context) -> float:
    _, width, length = np.linalg.eigvalsh(spread_mm2(label, context))
    # A figure at its limit is not decided by the last bit.
    return float(settled(np.sqrt(length / width)))
