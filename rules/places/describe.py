"""Anchors in words: what they are fitted from, what that needs, what makes it implausible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vesalius.rules.places.directions import DIRECTIONS, Vector
from vesalius.rules.places.relation_models import Relations
from vesalius.rules.places.specs import AnchorSpec, BoxSpec, LevelSpec, PlaneSpec, RegionSpec

_KINDS: Final = {PlaneSpec: "plane", LevelSpec: "level", BoxSpec: "box", RegionSpec: "region"}
_ENDS: Final = {
    "superior": "top",
    "inferior": "bottom",
    "anterior": "front",
    "posterior": "back",
    "left": "left end",
    "right": "right end",
}


def kind_of(spec: AnchorSpec) -> str:
    """Give the kind of an anchor as it is written."""
    return _KINDS[type(spec)]


def fitted_from(spec: AnchorSpec) -> tuple[str, ...]:
    """Give the structures an anchor is fitted from; of a region the places it is made of."""
    if isinstance(spec, RegionSpec):
        return tuple(_relations(spec.where))
    return spec.structures


def how_fitted(spec: AnchorSpec) -> str:
    """Say what an anchor is, in one line."""
    if isinstance(spec, PlaneSpec):
        held = (
            f"; through points on a line it also holds {_name(spec.within)}" if spec.within else ""
        )
        return f"through the centres, its positive side towards {_name(spec.toward)}{held}"
    if isinstance(spec, LevelSpec):
        return f"across the direction {_name(spec.direction)}, through {_points(spec)}"
    if isinstance(spec, BoxSpec):
        return f"around the structures along the patient axes{_margins(spec)}"
    return "where all of these relations hold"


def implausible(spec: AnchorSpec) -> str:
    """Say what makes a fit implausible; nothing where nothing does."""
    if not isinstance(spec, PlaneSpec):
        return ""
    return (
        f"tilted by more than {spec.max_tilt_deg:g} deg, or points more than"
        f" {spec.max_residual_mm:g} mm off it (root mean square)"
    )


def left_out(spec: AnchorSpec) -> str:
    """Say which points a fit leaves out; nothing where it takes all."""
    if not isinstance(spec, PlaneSpec):
        return ""
    return (
        f"points far beyond the others and more than {spec.max_residual_mm:g} mm off the first fit,"
        f" as long as {spec.at_least} stay"
    )


def _points(spec: LevelSpec) -> str:
    many = len(spec.structures) > 1
    if spec.at == "centre":
        return "the middle one of the centres" if many else "the centre"
    towards = spec.direction if spec.at == "far" else tuple(0.0 - part for part in spec.direction)
    end = _ENDS[_name(towards)]
    if not many:
        return f"the {end}"
    return f"the mean of each {end}" if spec.combine == "mean" else f"the outermost {end}"


def _margins(spec: BoxSpec) -> str:
    margins = {
        name: sum(
            (spec.margin_high_mm if part > 0 else spec.margin_low_mm)[axis]
            for axis, part in enumerate(direction)
            if part
        )
        for name, direction in DIRECTIONS.items()
    }
    if not any(margins.values()):
        return ""
    if len(set(margins.values())) == 1:
        return f", with {margins['left']:g} mm more on each side"
    more = ", ".join(f"{mm:g} mm {name}" for name, mm in margins.items() if mm)
    return f", with {more}"


def _name(direction: Vector | tuple[float, ...]) -> str:
    names: Mapping[tuple[float, ...], str] = {found: name for name, found in DIRECTIONS.items()}
    return names[tuple(direction)]


def _relations(where: Relations) -> list[str]:
    said = [f"{relation} {name}" for relation, name in where.pairs()]
    return said + ([f"not {each}" for each in _relations(where.not_)] if where.not_ else [])
