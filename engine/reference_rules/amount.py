"""Amounts, by counting voxels."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from vesalius.engine.reference_rules.measures import (
    NOTHING,
    Part,
    Said,
    Wrong,
    by_label,
    is_cut,
    present,
)
from vesalius.engine.reference_rules.state import State
from vesalius.engine.steps import MeanHu, Volume, VolumeRatio
from vesalius.engine.verdict import in_ml


def volume(expect: Volume, state: State) -> Said:
    """Count the voxels of each label, or of all."""
    labels = present(state, expect.labels)
    if not expect.joint:
        wrong, judged, unsaid = [], 0, 0
        for label in labels:
            if is_cut(state, label):
                unsaid += 1
                continue
            judged += 1
            fault = _fault(expect, state, int((state.work == label).sum()))
            wrong += [(label, *fault)] if fault else []
        return by_label(state, wrong, judged, unsaid)
    if any(is_cut(state, label) for label in labels):
        return NOTHING
    together = np.isin(state.work, labels)
    fault = _fault(expect, state, int(together.sum())) if labels else None
    if fault is None:
        return Said()
    found = Wrong(fault[0], tuple(sorted(labels)), int(together.sum()), fault[1])
    return Said((found,), tuple(Part(state.work == label) for label in sorted(labels)))


def _fault(
    expect: Volume, state: State, voxels: int
) -> tuple[str, tuple[tuple[str, float], ...]] | None:
    ml = ("ml", in_ml(state.grid, voxels))
    if expect.at_least_ml is not None and state.below_ml(voxels, expect.at_least_ml):
        return "too small", (ml, ("at_least_ml", expect.at_least_ml))
    if expect.at_most_ml is not None and state.above_ml(voxels, expect.at_most_ml):
        return "too large", (ml, ("at_most_ml", expect.at_most_ml))
    return None


def volume_ratio(expect: VolumeRatio, state: State) -> Said:
    """Count the voxels of both sides."""
    first, second = present(state, expect.labels), present(state, expect.others)
    if not first or not second or any(is_cut(state, label) for label in first + second):
        return NOTHING
    ratio = float(
        Fraction(int(np.isin(state.work, first).sum()), int(np.isin(state.work, second).sum()))
    )
    labels = tuple(sorted(set(first + second)))
    if expect.at_least is not None and ratio < expect.at_least:
        values = (("ratio", ratio), ("at_least", expect.at_least))
        return Said((Wrong("too small a ratio", labels, 0, values),))
    if expect.at_most is not None and ratio > expect.at_most:
        values = (("ratio", ratio), ("at_most", expect.at_most))
        return Said((Wrong("too large a ratio", labels, 0, values),))
    return Said()


def mean_hu(expect: MeanHu, state: State) -> Said:
    """Add the values of every voxel as fractions; floats to the nearest 1/1024."""
    if state.image is None:
        return NOTHING
    wrong, judged, unsaid = [], 0, 0
    for label in present(state, expect.labels):
        values = [float(v) for v in state.image[state.work == label]]
        kept = [round(1024 * Fraction(v)) for v in values if abs(v) <= 2**18]
        if not kept:
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
