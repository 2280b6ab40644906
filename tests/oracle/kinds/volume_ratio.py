"""The volume of some labels over that of others."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from oracle.judging import NOTHING, Said, Wrong, is_cut
from oracle.state import State
from vesalius.engine.kinds import VolumeRatio


def judge(expect: VolumeRatio, state: State) -> Said:
    """Count the voxels of both sides."""
    first, second = state.present(expect.labels), state.present(expect.others)
    if not first or not second or any(is_cut(state, label) for label in first + second):
        return NOTHING
    above, below = (int(np.isin(state.work, labels).sum()) for labels in (first, second))
    if above < expect.fewest_voxels:
        return NOTHING
    ratio = float(Fraction(above, below))
    labels = tuple(sorted({*first, *second}))
    if expect.at_least is not None and ratio < expect.at_least:
        values = (("ratio", ratio), ("at_least", expect.at_least))
        return Said((Wrong("too small a ratio", labels, 0, values),))
    if expect.at_most is not None and ratio > expect.at_most:
        values = (("ratio", ratio), ("at_most", expect.at_most))
        return Said((Wrong("too large a ratio", labels, 0, values),))
    return Said()
