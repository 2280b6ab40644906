"""Labels lie inside, or outside, a region."""

from __future__ import annotations

import numpy as np

from oracle.judging import Said, by_component
from oracle.kinds.absent import in_region, meant_only
from oracle.state import State
from vesalius.engine.kinds import Located


def judge(expect: Located, state: State) -> Said:
    """Where too small a share of a label lies right, all that lies wrong is at fault."""
    right = in_region(state, expect.labels, expect.region, expect.per)
    if not expect.inside:
        right = ~right
    wrong = np.zeros(state.work.shape, dtype=bool)
    for label in expect.labels:
        own = state.work == label
        if own.any() and (own & right).sum() / own.sum() < expect.share:
            wrong |= own & ~right
    wrong = meant_only(state, wrong, expect.meant)
    kind = "outside the region" if expect.inside else "in the region"
    return by_component(state, wrong, kind, expect.per)
