"""The mean image value of each label."""

from __future__ import annotations

from fractions import Fraction

from oracle.judging import NOTHING, Said, by_label
from oracle.state import State
from vesalius.engine.kinds import MeanHu


def judge(expect: MeanHu, state: State) -> Said:
    """Add the values of every voxel as fractions, each to the nearest 1/1024.

    What is not finite, or beyond 2**18, is no Hounsfield value; a label that lacks more than one
    voxel's in ten is not judged.
    """
    if state.image is None:
        return NOTHING
    wrong, judged, unsaid = [], 0, 0
    for label in state.present(expect.labels):
        values = [float(v) for v in state.image[state.work == label]]
        kept = [round(1024 * Fraction(v)) for v in values if abs(v) <= 2**18]
        if len(kept) < Fraction(9, 10) * len(values):
            unsaid += 1
            continue
        judged += 1
        mean = float(Fraction(sum(kept), 1024 * len(kept)))
        figure = ("mean_hu", round(mean, 6))
        if expect.at_least_hu is not None and mean < expect.at_least_hu:
            wrong.append((label, "too dark", (figure, ("at_least_hu", expect.at_least_hu))))
        elif expect.at_most_hu is not None and mean > expect.at_most_hu:
            wrong.append((label, "too bright", (figure, ("at_most_hu", expect.at_most_hu))))
    return by_label(state, wrong, judged, unsaid)
