"""A part goes to the neighbour that it touches most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from oracle.geometry import Mask
from oracle.judging import Part
from oracle.kinds.into_surrounding import touched
from oracle.state import Labels, State
from vesalius.engine.kinds import IntoNeighbour


def give(
    repair: IntoNeighbour,
    part: Part,
    at_fault: Mask,
    state: State,
    more: Callable[..., Labels],
) -> Labels:
    """Small parts, and those that touch no candidate, go to the rest."""
    own = Counter(state.work[part.voxels].tolist())
    main = min(own, key=lambda label: (-own[label], label))
    faces = touched(part.voxels, at_fault, state, repair.connectivity)
    candidates = [n for n in dict(repair.neighbours).get(main, ()) if faces[n]]
    small = state.below_ml(int(part.voxels.sum()), repair.at_least_ml)
    if small or not candidates:
        return more(repair.rest, part, at_fault, state)
    # Of equally touched ones `max` takes the first listed.
    return np.full(state.work.shape, max(candidates, key=lambda label: faces[label]))
