"""Some, or all, of the labels have voxels."""

from __future__ import annotations

from oracle.judging import NOTHING, Said, Wrong
from oracle.state import State
from vesalius.engine.kinds import Present


def judge(expect: Present, state: State) -> Said:
    """Name the absent ones, each for itself where all must be there."""
    seen = state.present(expect.labels)
    if len(seen) < expect.fewest:
        return NOTHING
    absent = tuple(label for label in expect.labels if label not in seen)
    if expect.all_of:
        return Said(tuple(Wrong("absent", (label,), 0) for label in absent))
    return Said() if seen else Said((Wrong("absent", absent, 0),))
