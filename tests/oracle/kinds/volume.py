"""The volume of each label, or of all together."""

from __future__ import annotations

import numpy as np

from oracle.judging import NOTHING, Part, Said, Values, Wrong, by_label, is_cut
from oracle.state import State
from vesalius.engine.kinds import Volume


def judge(expect: Volume, state: State) -> Said:
    """Count voxels; nothing is said of what the border cuts."""
    labels = state.present(expect.labels)
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


def _fault(expect: Volume, state: State, voxels: int) -> tuple[str, Values] | None:
    # To 1e-9 ml, in units that are shifted off the halves as those of positions are.
    ml = ("ml", round(round(state.ml(voxels) * 1e9 + 0.2817) / 1e9, 9))
    if expect.at_least_ml is not None and state.below_ml(voxels, expect.at_least_ml):
        return "too small", (ml, ("at_least_ml", expect.at_least_ml))
    if expect.at_most_ml is not None and state.above_ml(voxels, expect.at_most_ml):
        return "too large", (ml, ("at_most_ml", expect.at_most_ml))
    return None
