"""Where and when a step applies: regions and three-valued guards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vesalius.engine.plan.roles import AnchorNumber, Direction, Directions, LabelsRead

Vector = tuple[float, float, float]
Per = Literal["component", "voxel"]


@dataclass(frozen=True)
class Condition:
    """A side of an anchor: the positive side of a plane or the inside of a box, or the other."""

    anchor: AnchorNumber
    inside: bool


Region = tuple[Condition, ...]
"""All conditions must hold; the empty region is everywhere."""


@dataclass(frozen=True)
class MetadataIs:
    """The case's `key` has one of `values`; unknown where the case does not say."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Some (or all) of the labels have voxels."""

    labels: LabelsRead
    all_of: bool


@dataclass(frozen=True)
class Uncut:
    """The main pieces of none of the labels touch the border of the scan.

    Only the ends of the scan in some `directions` count, or all of it where there are none. False
    if one does, else unknown if one is absent, else true.
    """

    labels: LabelsRead
    directions: Directions = ()


@dataclass(frozen=True)
class HasImage:
    """An image with Hounsfield values is given."""


@dataclass(frozen=True)
class Ahead:
    """The common centre of `labels` lies further along a direction than that of `others`.

    It is that of the main pieces of each, by voxels.

    Unknown where none of the one or none of the other is present.
    """

    labels: LabelsRead
    others: LabelsRead
    direction: Direction


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


Guard = MetadataIs | Seen | Uncut | HasImage | Ahead | Not | AllOf | AnyOf
