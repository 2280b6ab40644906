"""The kinds of expectations, repairs and derivations: one file each, listed here.

Also what else a rule is lowered to (:class:`Step`, guards, regions), so that one name is enough
to build steps: ``from vesalius.engine import kinds``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit, EditParts
from vesalius.engine.judging.verdict import Faults, Missing, Verdict
from vesalius.engine.kinds.absent import Absent, judge_absent
from vesalius.engine.kinds.agrees import Agrees, judge_agrees
from vesalius.engine.kinds.as_counted import AsCounted, edit_as_counted
from vesalius.engine.kinds.at_level import AtLevel, judge_at_level
from vesalius.engine.kinds.beside import Beside, judge_beside
from vesalius.engine.kinds.both_there import BothThere, judge_both_there
from vesalius.engine.kinds.contiguous import Contiguous, judge_contiguous
from vesalius.engine.kinds.counted import Counted, judge_counted
from vesalius.engine.kinds.densities import Densities, HuRange, judge_densities
from vesalius.engine.kinds.elongated import Elongated, judge_elongated
from vesalius.engine.kinds.enclosed import Enclosed, judge_enclosed
from vesalius.engine.kinds.extent_ratio import ExtentRatio, judge_extent_ratio
from vesalius.engine.kinds.facing import Facing, FacingPart, Follows, judge_facing
from vesalius.engine.kinds.filled import Filled, judge_filled
from vesalius.engine.kinds.from_hu import FromHu, make_from_hu
from vesalius.engine.kinds.into import Into, edit_into
from vesalius.engine.kinds.into_enclosing import IntoEnclosing, edit_into_enclosing
from vesalius.engine.kinds.into_neighbour import IntoNeighbour, edit_into_neighbour
from vesalius.engine.kinds.into_other import IntoOther, edit_into_other
from vesalius.engine.kinds.into_owner import IntoOwner, edit_into_owner
from vesalius.engine.kinds.into_regions import IntoRegions, edit_into_regions
from vesalius.engine.kinds.into_sides import IntoSides, edit_into_sides
from vesalius.engine.kinds.into_surrounding import IntoSurrounding, edit_into_surrounding
from vesalius.engine.kinds.located import Located, judge_located
from vesalius.engine.kinds.mean_hu import MeanHu, judge_mean_hu
from vesalius.engine.kinds.numbered import Numbered, judge_numbered
from vesalius.engine.kinds.on_own_side import OnOwnSide, judge_own_side
from vesalius.engine.kinds.ordered import Ordered, judge_ordered
from vesalius.engine.kinds.pieces import Pieces, judge_pieces
from vesalius.engine.kinds.plausible import Plausible, judge_plausible
from vesalius.engine.kinds.present import Present, judge_present
from vesalius.engine.kinds.rest_of_body import RestOfBody, make_rest_of_body
from vesalius.engine.kinds.scale import Scale, UsualSize, judge_scale
from vesalius.engine.kinds.tapering import Tapering, judge_tapering
from vesalius.engine.kinds.together import Exclusive, Pool, Together, judge_together
from vesalius.engine.kinds.told_apart import ToldApart, judge_told_apart
from vesalius.engine.kinds.touching import Touching, judge_touching
from vesalius.engine.kinds.undivided import Undivided, judge_undivided
from vesalius.engine.kinds.volume import Volume, judge_volume
from vesalius.engine.kinds.volume_ratio import VolumeRatio, judge_volume_ratio
from vesalius.engine.plan.meant import Meant, NearTo
from vesalius.engine.plan.step import Derive, Expect, Repair, Step
from vesalius.engine.plan.where import (
    Ahead,
    AllOf,
    AnyOf,
    Condition,
    Guard,
    HasImage,
    MetadataIs,
    Not,
    Per,
    Region,
    Seen,
    Uncut,
    Vector,
)
from vesalius.engine.runs.labelmap import LabelMap

__all__ = [
    "DERIVES",
    "EXPECTS",
    "REPAIRS",
    "Absent",
    "Agrees",
    "Ahead",
    "AllOf",
    "AnyOf",
    "AsCounted",
    "AtLevel",
    "Beside",
    "BothThere",
    "Condition",
    "Contiguous",
    "Counted",
    "Densities",
    "Derive",
    "Elongated",
    "Enclosed",
    "Exclusive",
    "Expect",
    "ExtentRatio",
    "Facing",
    "FacingPart",
    "Filled",
    "Follows",
    "FromHu",
    "Guard",
    "HasImage",
    "HuRange",
    "Into",
    "IntoEnclosing",
    "IntoNeighbour",
    "IntoOther",
    "IntoOwner",
    "IntoRegions",
    "IntoSides",
    "IntoSurrounding",
    "Located",
    "MeanHu",
    "Meant",
    "MetadataIs",
    "NearTo",
    "Not",
    "Numbered",
    "OnOwnSide",
    "Ordered",
    "Per",
    "Pieces",
    "Plausible",
    "Pool",
    "Present",
    "Region",
    "Repair",
    "RestOfBody",
    "Scale",
    "Seen",
    "Step",
    "Tapering",
    "Together",
    "ToldApart",
    "Touching",
    "Uncut",
    "Undivided",
    "UsualSize",
    "Vector",
    "Volume",
    "VolumeRatio",
    "edit",
    "judge",
    "make",
]

EXPECTS: tuple[tuple[type[Expect], Callable[[Any, Context], Verdict]], ...] = (
    (Absent, judge_absent),
    (Present, judge_present),
    (BothThere, judge_both_there),
    (Pieces, judge_pieces),
    (OnOwnSide, judge_own_side),
    (Located, judge_located),
    (Plausible, judge_plausible),
    (Ordered, judge_ordered),
    (Contiguous, judge_contiguous),
    (Tapering, judge_tapering),
    (ToldApart, judge_told_apart),
    (Touching, judge_touching),
    (Enclosed, judge_enclosed),
    (Volume, judge_volume),
    (VolumeRatio, judge_volume_ratio),
    (ExtentRatio, judge_extent_ratio),
    (MeanHu, judge_mean_hu),
    (Filled, judge_filled),
    (Counted, judge_counted),
    (Undivided, judge_undivided),
    (Numbered, judge_numbered),
    (Agrees, judge_agrees),
    (Elongated, judge_elongated),
    (AtLevel, judge_at_level),
    (Facing, judge_facing),
    (Scale, judge_scale),
    (Densities, judge_densities),
    (Together, judge_together),
    (Beside, judge_beside),
)
"""What may have to hold, and what judges it."""


def judge(expect: Expect, context: Context) -> Verdict:
    """Say whether a map is as it must be.

    Where something is missing that is needed to say so, the verdict says what.

    Raises
    ------
    TypeError
        If no function judges this kind of expectation.
    """
    judge_kind = _JUDGES.get(type(expect))
    if judge_kind is None:
        raise TypeError(f"no function judges {type(expect).__name__}")
    try:
        return judge_kind(expect, context)
    except Missing as missing:
        return Verdict(lacks=(missing.reason,))


def edit(repair: Repair, faults: Faults, context: Context) -> Edit:
    """Work out what becomes of parts.

    Raises
    ------
    Missing
        If what the repair needs (an anchor) is missing.
    TypeError
        If no function knows this kind of repair.
    """
    edit_kind = _EDITORS.get(type(repair))
    if edit_kind is None:
        raise TypeError(f"no function repairs by {type(repair).__name__}")
    return edit_kind(repair, faults, context)


def _whole(edit_kind: Callable[[Any, Faults, Context, EditParts], Edit]) -> EditKind:
    """Give a repair that holds other repairs the means to make them."""
    return lambda repair, faults, context: edit_kind(repair, faults, context, edit)


EditKind = Callable[[Any, Faults, Context], Edit]
REPAIRS: tuple[tuple[type[Repair], EditKind], ...] = (
    (Into, edit_into),
    (IntoOther, edit_into_other),
    (IntoSides, edit_into_sides),
    (IntoSurrounding, edit_into_surrounding),
    (IntoOwner, edit_into_owner),
    (AsCounted, edit_as_counted),
    (IntoEnclosing, edit_into_enclosing),
    (IntoNeighbour, _whole(edit_into_neighbour)),
    (IntoRegions, _whole(edit_into_regions)),
)
"""What may become of parts at fault.

Each function returns the new label of every voxel of the parts, or that it stays; none sees a part
twice.
"""


def make(derive: Derive, context: Context) -> LabelMap:
    """Return the map with a structure made.

    Raises
    ------
    Missing
        If what the derivation needs (an anchor, the image) is missing.
    TypeError
        If no function knows this kind of derivation.
    """
    make_kind = _MAKERS.get(type(derive))
    if make_kind is None:
        raise TypeError(f"no function makes {type(derive).__name__}")
    return make_kind(derive, context)


DERIVES: tuple[tuple[type[Derive], Callable[[Any, Context], LabelMap]], ...] = (
    (FromHu, make_from_hu),
    (RestOfBody, make_rest_of_body),
)
"""How structures may be made.

Each function returns the new map; it may be `context.work` itself where nothing is to be made.
"""

_JUDGES, _EDITORS, _MAKERS = dict(EXPECTS), dict(REPAIRS), dict(DERIVES)
