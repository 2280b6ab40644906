"""What becomes of parts at fault, and how structures are made: the closed sets."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.step_where import Region, Vector


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
    each plane across `across` filled. Voxels of the labels `over` inside the body become `label`
    too.
    """

    label: int
    lo_hu: float
    opening_mm: float
    across: Vector | None = None
    over: tuple[int, ...] = ()


Derive = FromHu | RestOfBody
