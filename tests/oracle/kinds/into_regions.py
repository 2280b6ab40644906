"""The first region that holds a part decides what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from oracle.geometry import Mask, centre_mm
from oracle.judging import Part
from oracle.state import Labels, State, holds_point
from vesalius.engine.kinds import IntoRegions


def give(
    repair: IntoRegions,
    part: Part,
    at_fault: Mask,
    state: State,
    more: Callable[..., Labels],
) -> Labels:
    """A region after the one that holds it is not looked at."""
    centre = centre_mm(part.voxels, state.affine)
    for region, inner in repair.cases:
        if holds_point(state, region, centre):
            return more(inner, part, at_fault, state)
    return more(repair.otherwise, part, at_fault, state)
