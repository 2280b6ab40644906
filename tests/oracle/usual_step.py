"""How far neighbours of a sequence are apart in one patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oracle.geometry import centre_mm, settled
from oracle.state import Missing, State, main_mask


def usual_step_mm(state: State, labels: Sequence[int]) -> float:
    """The middle one of all steps between neighbours that are there; raises Missing."""
    there = [label for label in labels if label in state.present(labels)]
    steps = []
    for place, label in enumerate(labels[:-1]):
        other = labels[place + 1]
        if label in there and other in there:
            ends = [centre_mm(main_mask(state, n), state.affine) for n in (label, other)]
            steps.append(float(np.sqrt(((ends[1] - ends[0]) ** 2).sum())))
    if len(there) < 3 or not steps:
        raise Missing
    steps.sort()
    middle = len(steps) // 2
    # Of an even number the two in the middle count half each.
    return settled((steps[middle] + steps[-1 - middle]) / 2)
