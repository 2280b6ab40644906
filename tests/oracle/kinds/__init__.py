"""The meaning of every kind of expectation, repair and derivation: one module each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from oracle.geometry import Mask
from oracle.judging import NOTHING, STAYS, Part, Said
from oracle.kinds import (
    absent,
    agrees,
    as_counted,
    at_level,
    beside,
    both_there,
    contiguous,
    counted,
    densities,
    elongated,
    enclosed,
    extent_ratio,
    facing,
    filled,
    from_hu,
    into,
    into_enclosing,
    into_neighbour,
    into_other,
    into_owner,
    into_regions,
    into_sides,
    into_surrounding,
    located,
    mean_hu,
    numbered,
    on_own_side,
    ordered,
    pieces,
    plausible,
    present,
    rest_of_body,
    scale,
    tapering,
    together,
    told_apart,
    touching,
    undivided,
    volume,
    volume_ratio,
)
from oracle.state import Labels, Missing, State
from vesalius.engine.kinds import (
    Absent,
    Agrees,
    AsCounted,
    AtLevel,
    Beside,
    BothThere,
    Contiguous,
    Counted,
    Densities,
    Elongated,
    Enclosed,
    ExtentRatio,
    Facing,
    Filled,
    FromHu,
    Into,
    IntoEnclosing,
    IntoNeighbour,
    IntoOther,
    IntoOwner,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
    Located,
    MeanHu,
    Numbered,
    OnOwnSide,
    Ordered,
    Pieces,
    Plausible,
    Present,
    RestOfBody,
    Scale,
    Tapering,
    Together,
    ToldApart,
    Touching,
    Undivided,
    Volume,
    VolumeRatio,
)
from vesalius.engine.plan.step import Derive, Expect, Repair

JUDGES: Mapping[type, Callable[[Any, State], Said]] = {
    Absent: absent.judge,
    Present: present.judge,
    Pieces: pieces.judge,
    OnOwnSide: on_own_side.judge,
    Located: located.judge,
    Ordered: ordered.judge,
    Contiguous: contiguous.judge,
    Tapering: tapering.judge,
    ToldApart: told_apart.judge,
    Touching: touching.judge,
    BothThere: both_there.judge,
    Enclosed: enclosed.judge,
    Volume: volume.judge,
    VolumeRatio: volume_ratio.judge,
    ExtentRatio: extent_ratio.judge,
    MeanHu: mean_hu.judge,
    Filled: filled.judge,
    Counted: counted.judge,
    Agrees: agrees.judge,
    Undivided: undivided.judge,
    Numbered: numbered.judge,
    Plausible: plausible.judge,
    Elongated: elongated.judge,
    AtLevel: at_level.judge,
    Facing: facing.judge,
    Scale: scale.judge,
    Densities: densities.judge,
    Together: together.judge,
    Beside: beside.judge,
}
"""What must hold. Each raises Missing, or says so, where nothing can be said."""

# Each returns the label that every voxel would get if it were in the part: the kind, the part,
# all voxels at fault, the case, and how to go on with a kind inside the kind.
Giver = Callable[[Any, Part, Mask, State], Labels]
GIVERS: Mapping[type, Callable[[Any, Part, Mask, State, Giver], Labels]] = {
    Into: into.give,
    IntoSides: into_sides.give,
    IntoSurrounding: into_surrounding.give,
    IntoOwner: into_owner.give,
    IntoNeighbour: into_neighbour.give,
    IntoOther: into_other.give,
    IntoRegions: into_regions.give,
    AsCounted: as_counted.give,
    IntoEnclosing: into_enclosing.give,
}
"""What becomes of parts at fault."""

MAKERS: Mapping[type, Callable[[Any, State], Labels]] = {
    FromHu: from_hu.make,
    RestOfBody: rest_of_body.make,
}
"""How structures are made."""


def judge(expect: Expect, state: State) -> Said:
    """Judge an expectation."""
    try:
        return JUDGES[type(expect)](expect, state)
    except Missing:
        return NOTHING


def place(repair: Repair, parts: Sequence[Part], state: State) -> tuple[Labels, Mask]:
    """Return the labels after a repair, and where it leaves what is at fault; raises Missing."""
    at_fault = np.zeros(state.work.shape, dtype=bool)
    for part in parts:
        at_fault |= part.voxels
    after = state.work.copy()
    for part in parts:
        after[part.voxels] = _give(repair, part, at_fault, state)[part.voxels]
    left = after == STAYS
    return np.where(left, state.work, after), left


def make(operation: Derive, state: State) -> Labels:
    """Return the labels with a structure made; raises Missing."""
    return MAKERS[type(operation)](operation, state)


def _give(repair: Repair, part: Part, at_fault: Mask, state: State) -> Labels:
    return GIVERS[type(repair)](repair, part, at_fault, state, _give)
