"""Steps of a plan: what must hold of a label map, and the edits that make it hold.

Everything here is integers, figures and opaque tokens. A step is both a check and a repair:
without `repair` it only reports. Positions are patient millimetres, RAS+.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from vesalius.engine.step_expect import (
    Absent,
    Agrees,
    Contiguous,
    Counted,
    Enclosed,
    Expect,
    Filled,
    Located,
    MeanHu,
    Numbered,
    OnOwnSide,
    Ordered,
    Pieces,
    Plausible,
    Present,
    Touching,
    Undivided,
    Volume,
    VolumeRatio,
)
from vesalius.engine.step_place import (
    AsCounted,
    Derive,
    Destination,
    FromHu,
    Into,
    IntoEnclosing,
    IntoNeighbour,
    IntoOther,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
    RestOfBody,
)
from vesalius.engine.step_where import (
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

__all__ = [
    "Absent",
    "Agrees",
    "Ahead",
    "AllOf",
    "AnyOf",
    "AsCounted",
    "Condition",
    "Contiguous",
    "Counted",
    "Derive",
    "Destination",
    "Enclosed",
    "Expect",
    "Filled",
    "FromHu",
    "Guard",
    "HasImage",
    "Into",
    "IntoEnclosing",
    "IntoNeighbour",
    "IntoOther",
    "IntoRegions",
    "IntoSides",
    "IntoSurrounding",
    "Located",
    "MeanHu",
    "MetadataIs",
    "Not",
    "Numbered",
    "OnOwnSide",
    "Ordered",
    "Per",
    "Pieces",
    "Plausible",
    "Present",
    "Region",
    "RestOfBody",
    "Seen",
    "Step",
    "Touching",
    "Uncut",
    "Undivided",
    "Vector",
    "Volume",
    "VolumeRatio",
]


@dataclass(frozen=True)
class Step:
    """One rule, lowered.

    Parameters
    ----------
    rule : str
        Token of the rule.
    severity : {"error", "warning", "info"}
        How bad a violation is.
    safety : {"safe", "unsafe"}
        Unsafe repairs run only where they are asked for.
    guard : Guard or None
        When the rule applies.
    expect : Expect or None
        What must hold; None for a derivation.
    repair : Destination or None
        What becomes of the parts that break it; None reports only.
    derive : Derive or None
        What to make; None for an expectation.
    exclude : bool
        A violation excludes the case.
    on_missing : {"skip", "fail"}
        What a missing anchor means.
    reads, writes : tuple of int
        Work labels the step depends on and may give or take voxels of.
    """

    rule: str
    severity: Literal["error", "warning", "info"] = "error"
    safety: Literal["safe", "unsafe"] = "safe"
    guard: Guard | None = None
    expect: Expect | None = None
    repair: Destination | None = None
    derive: Derive | None = None
    exclude: bool = False
    on_missing: Literal["skip", "fail"] = "skip"
    reads: tuple[int, ...] = field(default=())
    writes: tuple[int, ...] = field(default=())
