"""Steps of a plan: what must hold of a label map, and the edits that make it hold.

Everything here is integers, figures and opaque tokens. A step is both a check and a repair:
without `repair` it only reports. Positions are patient millimetres, RAS+.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Vector = tuple[float, float, float]
Per = Literal["component", "voxel"]


# Where ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Condition:
    """A side of an anchor: the positive side of a plane or the inside of a box, or the other."""

    anchor: int
    inside: bool


Region = tuple[Condition, ...]
"""All conditions must hold; the empty region is everywhere."""


# When: three-valued, true, false or unknown -----------------------------------------------------


@dataclass(frozen=True)
class MetadataIs:
    """The case's `key` has one of `values`; unknown where the case does not say."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Some (or all) of the labels have voxels."""

    labels: tuple[int, ...]
    all_of: bool


@dataclass(frozen=True)
class Uncut:
    """None of the labels touches the border of the scan.

    False if one does, else unknown if one is absent, else true.
    """

    labels: tuple[int, ...]


@dataclass(frozen=True)
class HasImage:
    """An image with Hounsfield values is given."""


@dataclass(frozen=True)
class Not:
    """The opposite; unknown stays unknown."""

    guard: Guard


@dataclass(frozen=True)
class AllOf:
    """False if one is false, else unknown if one is unknown, else true."""

    guards: tuple[Guard, ...]


@dataclass(frozen=True)
class AnyOf:
    """True if one is true, else unknown if one is unknown, else false."""

    guards: tuple[Guard, ...]


Guard = MetadataIs | Seen | Uncut | HasImage | Not | AllOf | AnyOf


# What must hold ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Absent:
    """No part of the labels lies in the region.

    Per component its centre decides. A label of which no more than `at_most_ml` lies there, all
    its parts together, is not at fault.
    """

    labels: tuple[int, ...]
    region: Region = ()
    per: Per = "component"
    at_most_ml: float = 0.0


@dataclass(frozen=True)
class Present:
    """Some (or all) of the labels have voxels."""

    labels: tuple[int, ...]
    all_of: bool = False


@dataclass(frozen=True)
class Pieces:
    """Number of connected components of each label (of all together where `joint`).

    Components below `ignore_below_ml` do not count and are no fault. The `at_most` largest stay;
    of equally large ones the order of components (by patient position) decides.
    """

    labels: tuple[int, ...]
    at_most: int | None = None
    at_least: int | None = None
    joint: bool = False
    connectivity: int = 6
    ignore_below_ml: float = 0.0


@dataclass(frozen=True)
class OnOwnSide:
    """Parts of each pair's first label lie on a plane's positive side, of its second on the other.

    Per component, a component with at least `whole_share` of its voxels on one side counts as
    lying there whole; one that straddles the plane is judged voxel by voxel.
    """

    pairs: tuple[tuple[int, int], ...]
    anchor: int
    per: Per = "component"
    whole_share: float = 0.9


@dataclass(frozen=True)
class Located:
    """At least `share` of each label lies inside the region (or outside, where not `inside`).

    Per component its centre decides and `share` is a share of components' voxels. Where the
    share is too small, every part that lies wrong is at fault.
    """

    labels: tuple[int, ...]
    region: Region
    inside: bool
    per: Per = "component"
    share: float = 1.0


@dataclass(frozen=True)
class Ordered:
    """Centres of the present labels advance along a direction, in the order given.

    `at_least_mm` and `at_most_mm` bound the step between neighbours of the list that are both
    present and uncut; a plain order allows steps back of up to `tolerance_mm`.
    """

    labels: tuple[int, ...]
    direction: Vector
    tolerance_mm: float = 0.0
    at_least_mm: float | None = None
    at_most_mm: float | None = None
    skip_cut: bool = True


@dataclass(frozen=True)
class Contiguous:
    """Between the first and the last present label of the list none is missing."""

    labels: tuple[int, ...]
    optional: tuple[int, ...] = ()


@dataclass(frozen=True)
class Touching:
    """Each of `labels` comes within `gap_mm` of one of `others` (surface to surface)."""

    labels: tuple[int, ...]
    others: tuple[int, ...]
    gap_mm: float


@dataclass(frozen=True)
class Enclosed:
    """At least `share` of the faces of each label touch `by` or the label itself."""

    labels: tuple[int, ...]
    by: tuple[int, ...]
    share: float


@dataclass(frozen=True)
class Volume:
    """Volume of each label (of all together where `joint`).

    Labels cut by the border of the scan are not judged.
    """

    labels: tuple[int, ...]
    at_least_ml: float | None = None
    at_most_ml: float | None = None
    joint: bool = False


@dataclass(frozen=True)
class VolumeRatio:
    """Volume of `labels` over that of `others`, both uncut and present, lies in a range."""

    labels: tuple[int, ...]
    others: tuple[int, ...]
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class MeanHu:
    """Mean Hounsfield value of each label lies in a range."""

    labels: tuple[int, ...]
    at_least_hu: float | None = None
    at_most_hu: float | None = None


@dataclass(frozen=True)
class Filled:
    """Each label has no enclosed cavity of background larger than `holes_at_most_ml`."""

    labels: tuple[int, ...]
    holes_at_most_ml: float = 0.0


@dataclass(frozen=True)
class Counted:
    """Pooled components of two sequences are numbered by their order along a direction.

    The components of all labels of both sequences together are pooled and the largest taken, as
    many as there are labels. On each side of the anchor's plane (where at least half of a
    component's voxels lie) they stand in the order of `by` along `direction`: the n-th carries
    the n-th label of its side's sequence. Unless each side has exactly as many as its sequence,
    nothing can be said.
    """

    positive: tuple[int, ...]
    negative: tuple[int, ...]
    anchor: int
    direction: Vector
    by: Literal["mean", "median"] = "median"
    connectivity: int = 6


@dataclass(frozen=True)
class Agrees:
    """The side and the order of `Counted`'s components do not depend on how they are measured.

    Used to exclude cases: sides by the plane and by minimum, order by median and by minimum;
    either can be left out. `expected` is the number of components; with fewer, nothing can be
    said.
    """

    labels: tuple[int, ...]
    anchor: int
    direction: Vector
    expected: int
    connectivity: int = 6
    sides: bool = True
    order: bool = True


@dataclass(frozen=True)
class Plausible:
    """An anchor's fit is plausible; with too few points to fit it nothing can be said."""

    anchor: int


Expect = (
    Absent
    | Present
    | Pieces
    | OnOwnSide
    | Located
    | Ordered
    | Contiguous
    | Touching
    | Enclosed
    | Volume
    | VolumeRatio
    | MeanHu
    | Filled
    | Counted
    | Agrees
    | Plausible
)


# What to do about the parts that break the expectation --------------------------------------------


@dataclass(frozen=True)
class Into:
    """The part becomes one label; 0 is background."""

    label: int


@dataclass(frozen=True)
class IntoSides:
    """The part becomes one label on the positive side of a plane, another on the negative side.

    Per component: by share as in `OnOwnSide`, cutting what straddles.
    """

    anchor: int
    positive: int
    negative: int
    whole_share: float = 0.9


@dataclass(frozen=True)
class IntoSurrounding:
    """The part becomes the label with which it shares most faces, `otherwise` where there is none.

    Background counts as a label only where `background` says so; labels of `never`, the part's
    own labels and voxels at fault are passed over. Of labels with equally many faces the smallest
    is taken, background after all others.
    """

    otherwise: int = 0
    background: bool = False
    never: tuple[int, ...] = ()


@dataclass(frozen=True)
class IntoNeighbour:
    """The part becomes a neighbour it touches: the one with most shared faces among those listed.

    `neighbours` maps a label to candidates; of those touched equally the first listed is taken.
    Voxels at fault are passed over. Parts below `at_least_ml`, and parts that touch no candidate,
    go to `rest`.
    """

    neighbours: tuple[tuple[int, tuple[int, ...]], ...]
    at_least_ml: float
    connectivity: int
    rest: Destination


@dataclass(frozen=True)
class IntoOther:
    """Each voxel of the part becomes the other label of its label's pair."""

    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class AsCounted:
    """The parts take the labels that `Counted` found."""


@dataclass(frozen=True)
class IntoEnclosing:
    """The part, a hole that `Filled` found, takes the label that encloses it."""


@dataclass(frozen=True)
class IntoRegions:
    """The first region that holds the part (by its centre) decides; `otherwise` if none.

    Where an anchor is missing that a part still depends on, nothing is repaired.
    """

    cases: tuple[tuple[Region, Destination], ...]
    otherwise: Destination


Destination = (
    Into
    | IntoSides
    | IntoSurrounding
    | IntoNeighbour
    | IntoOther
    | AsCounted
    | IntoEnclosing
    | IntoRegions
)


# Making a structure -----------------------------------------------------------------------------


@dataclass(frozen=True)
class FromHu:
    """Voxels of a Hounsfield window inside a region, over some labels only.

    `over` lists the labels that may be painted over (0 = background). `keep_largest` keeps that
    many components (6-connected), None all.
    """

    label: int
    lo_hu: float
    hi_hu: float
    region: Region
    over: tuple[int, ...]
    keep_largest: int | None = None


@dataclass(frozen=True)
class RestOfBody:
    """Background voxels inside the body become `label`.

    The body is the largest component of voxels of at least `lo_hu`, joined with every labelled
    voxel, after removing structures thinner than `opening_mm` (the table), with the cavities of
    each plane across `across` filled.
    """

    label: int
    lo_hu: float
    opening_mm: float
    across: Vector


Derive = FromHu | RestOfBody


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
