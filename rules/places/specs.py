"""Anchors after reading: places that are fitted from structures, and names for relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vesalius.ontology.reading.diagnostics import Span
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.rules.places.directions import Vector
from vesalius.rules.places.relation_models import Relations


@dataclass(frozen=True)
class PlaneSpec:
    """A fitted plane by name.

    Parameters
    ----------
    name : str
        How schemes and rules refer to it.
    about : str
        What it is and where it comes from.
    structures : tuple of str
        Structures whose centres are the points, in ontology order.
    at_least : int
        Fewest points for a fit.
    toward, within : tuple of float, shape (3,)
        Unit vectors in RAS+; see :class:`vesalius.engine.plan.plan.PlaneAnchor`.
    max_tilt_deg, max_residual_mm : float
        Limits of a plausible fit.
    outlier_factor : float
        A point further away than so many times the median is left out.
    span : Span
        Where it is written.
    """

    name: str
    about: str
    structures: tuple[str, ...]
    at_least: int
    toward: Vector
    within: Vector | None
    max_tilt_deg: float
    max_residual_mm: float
    outlier_factor: float
    span: Span


@dataclass(frozen=True)
class LevelSpec:
    """A plane across a patient axis, at the height of structures.

    Parameters
    ----------
    name, about, structures, at_least, span
        As for a plane.
    direction : tuple of float, shape (3,)
        Unit vector in RAS+, the normal.
    at : {"centre", "far", "near"}
        Which point of a structure counts; the ends along `direction`.
    combine : {"mean", "outermost"}
        Of the ends of several structures the mean, or the one furthest out. Of centres it is
        always the middle one (of an even number the mean of the two in the middle).
    """

    name: str
    about: str
    structures: tuple[str, ...]
    at_least: int
    direction: Vector
    at: str
    combine: str
    span: Span | None


@dataclass(frozen=True)
class BoxSpec:
    """A box around structures, along the patient axes.

    Parameters
    ----------
    name, about, structures, at_least, span
        As for a plane.
    margin_low_mm, margin_high_mm : tuple of float, shape (3,)
        How far the box reaches beyond the structures towards lower and higher x, y, z (RAS+).
    """

    name: str
    about: str
    structures: tuple[str, ...]
    at_least: int
    margin_low_mm: Vector
    margin_high_mm: Vector
    span: Span


@dataclass(frozen=True)
class RegionSpec:
    """A name for relations to other places."""

    name: str
    about: str
    where: Relations
    span: Span
    document: Document = field(repr=False, compare=False)
    at: YamlPath = ()


MIDLINE: Final = "midline"
"""Name of the plane that divides what has no side."""

FittedSpec = PlaneSpec | LevelSpec | BoxSpec
AnchorSpec = PlaneSpec | LevelSpec | BoxSpec | RegionSpec


def midline_of(anchors: Mapping[str, AnchorSpec]) -> PlaneSpec | None:
    """Give the plane that divides what has no side; None where no plane has that name."""
    spec = anchors.get(MIDLINE)
    return spec if isinstance(spec, PlaneSpec) else None
