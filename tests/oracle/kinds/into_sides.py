"""A part becomes one label on one side of a plane and another on the other."""

from __future__ import annotations

import numpy as np

from oracle.geometry import Mask
from oracle.judging import Part
from oracle.state import Labels, State, positive_voxels, side_of
from vesalius.engine.kinds import IntoSides


def give(repair: IntoSides, part: Part, at_fault: Mask, state: State, more: object) -> Labels:
    """The plane cuts only what does not lie nearly whole on one side."""
    plane = positive_voxels(state, repair.anchor)
    positive = side_of(part.voxels, plane, repair.whole_share)
    return np.where(positive, repair.positive, repair.negative)
