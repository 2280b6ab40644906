"""How many labels have a mean image value outside their range."""

from __future__ import annotations

from oracle.judging import NOTHING, Said, Wrong
from oracle.kinds import mean_hu
from oracle.state import State
from vesalius.engine.kinds import Densities, MeanHu


def judge(expect: Densities, state: State) -> Said:
    """Judge the mean of every label by itself, and count."""
    if state.image is None:
        return NOTHING
    judged, wrong = 0, set()
    labels = {label for one in expect.ranges for label in one.labels}
    for label in sorted(labels):
        said = [
            mean_hu.judge(MeanHu((label,), one.at_least_hu, one.at_most_hu), state)
            for one in expect.ranges
            if label in one.labels
        ]
        if not state.present((label,)) or said[0].missing:
            continue
        judged += 1
        if any(one.findings for one in said):
            wrong.add(label)
    if judged < max(expect.at_least, 1):
        return NOTHING
    if len(wrong) < expect.at_least or len(wrong) < expect.share * judged:
        return Said()
    values = (("wrong", float(len(wrong))), ("compared", float(judged)))
    return Said((Wrong("beside the image", tuple(sorted(wrong)), 0, values),))
