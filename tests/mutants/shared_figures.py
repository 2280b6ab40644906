"""Figures that rules share: in `anchors.yaml`, and in `defaults.yaml` where a rule writes none.

Like a rule's own thresholds (`thresholds.py`), but any rule that takes such a figure may show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from mutants.thresholds import HUGE, PLACES, Shown, Threshold
from pydantic import BaseModel

from vesalius.ontology.graph import Ontology
from vesalius.rules.kinds import (
    at_level,
    beside,
    contiguous,
    counted,
    densities,
    facing,
    numbered,
    on_own_side,
    owner,
    rest_of_body,
    tapering,
    together,
    told_apart,
    undivided,
    usual_size,
)
from vesalius.rules.parts import MirrorImage
from vesalius.rules.places.specs import AnchorSpec, BoxSpec
from vesalius.rules.rule import Pack, Rule
from vesalius.rules.uses import uses_of

Anchors = Mapping[str, AnchorSpec]

# Where a figure of `defaults.yaml` stands in for one that a rule may write. That of planes
# (`outlier_factor`) is one of the anchors.
WRITTEN: Final[Mapping[str, tuple[type[BaseModel], str]]] = {
    "whole_share": (on_own_side.OwnSideExpect, "whole_share"),
    "image_like_share": (MirrorImage, "like_share"),
    "counted_whole_share": (counted.Count, "whole_share"),
    "counted_like_share": (counted.Count, "like_share"),
    "counted_image_reach": (counted.Count, "image_reach"),
    "undivided_enclosed_share": (undivided.UndividedLimits, "enclosed_share"),
    "undivided_less_share": (undivided.UndividedLimits, "less_share"),
    "owner_share": (owner.Owner, "share"),
    "owner_times_next": (owner.Owner, "times_next"),
    "numbered_body_share": (numbered.Chain, "body_share"),
    "numbered_fewest": (numbered.Chain, "fewest"),
    "numbered_step_at_least": (numbered.ChainSteps, "at_least"),
    "numbered_step_at_most": (numbered.ChainSteps, "at_most"),
    "numbered_around": (numbered.ChainSteps, "around"),
    "contiguous_around": (contiguous.Room, "around"),
    "contiguous_speck_share": (contiguous.SparedMembers, "specks"),
    "hu_at_least": (rest_of_body.BodyRest, "hu_at_least"),
    "opening_mm": (rest_of_body.BodyRest, "opening_mm"),
    "at_level_least_share": (at_level.Level, "least_share"),
    "beside_reach": (beside.Rungs, "reach"),
    "beside_share": (beside.Rungs, "share"),
    "beside_fewest": (beside.Rungs, "fewest"),
    "beside_step_at_most": (beside.Rungs, "step_at_most"),
    "beside_around": (beside.Rungs, "around"),
    "beside_body_share": (beside.Rungs, "body_share"),
    "beside_apart": (beside.Rungs, "apart"),
    "beside_alike": (beside.Rungs, "alike"),
    "told_apart_body_share": (told_apart.ToldApartExpect, "body_share"),
    "facing_clear_mm": (facing.Facts, "clear_mm"),
    "facing_fewest": (facing.Facts, "at_least"),
    "facing_share": (facing.Facts, "share"),
    "scale_fewest": (usual_size.Limits, "at_least"),
    "scale_at_least": (usual_size.Limits, "at_least_times"),
    "scale_at_most": (usual_size.Limits, "at_most_times"),
    "scale_uneven": (usual_size.Limits, "uneven_times"),
    "together_moved_mm": (together.Contradictions, "moved_mm"),
    "together_share": (together.Contradictions, "share"),
    "together_fewest": (together.Contradictions, "at_least"),
    "together_thick_mm": (together.Contradictions, "thick_mm"),
    "together_thick_voxels": (together.Contradictions, "thick_voxels"),
    "together_deep_ml": (together.Contradictions, "deep_ml"),
    "together_inside_share": (together.Contradictions, "inside_share"),
    "together_independent": (together.Contradictions, "independent"),
    "densities_fewest": (densities.Vote, "at_least"),
    "densities_share": (densities.Vote, "share"),
    "tapering_flat_share": (tapering.TaperingLimits, "flat_share"),
    "tapering_meets_share": (tapering.TaperingLimits, "meets_share"),
    "tapering_at_least_mm2": (tapering.TaperingLimits, "at_least_mm2"),
    "tapering_layer_at_most_mm": (tapering.TaperingLimits, "layer_at_most_mm"),
}


def taken(key: str, rule: Rule) -> Iterator[Threshold]:
    """Give the places of a rule in which a default stands because it writes nothing."""
    for field in PLACES:
        for place, value in _unwritten(getattr(rule, field), *WRITTEN[key]):
            yield Threshold(rule, (field, *place), value)


def _unwritten(
    held: Any, form: type[BaseModel], key: str
) -> Iterator[tuple[tuple[str | int, ...], float]]:
    inner: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(held, BaseModel):
        if type(held) is form and key not in held.model_fields_set:
            yield (key,), getattr(held, key)
        inner = ((name, getattr(held, name)) for name in type(held).model_fields)
    elif isinstance(held, (list, tuple)):
        inner = iter(enumerate(held))
    for name, value in inner:
        yield from (((name, *place), found) for place, found in _unwritten(value, form, key))


@dataclass(frozen=True)
class AnchorFigure:
    """A figure of an anchor.

    Parameters
    ----------
    anchor : str
        The anchor.
    key : str
        Its field.
    at : int or None
        Which direction of a margin.
    value : float
        As written.
    """

    anchor: str
    key: str
    at: int | None
    value: float

    @property
    def name(self) -> str:
        """Such as ``midline: at_least 4``."""
        direction = "" if self.at is None else f" {'xyz'[self.at]}"
        return f"{self.anchor}: {self.key}{direction} {self.value:g}"

    def others(self) -> tuple[float, ...]:
        """Give the next whole numbers of a count, and each end of any other figure."""
        if self.key == "at_least":
            return tuple(n for n in (self.value - 1, self.value + 1) if n > 0)
        low = 1.0 if self.key == "outlier_factor" else 0.0
        return (low, HUGE)

    def put(self, anchors: Anchors, value: float) -> Anchors:
        """Give the anchors with another value."""
        spec: Any = anchors[self.anchor]
        new: Any = int(value) if self.key == "at_least" else value
        if self.at is not None:
            margins = list(getattr(spec, self.key))
            margins[self.at] = value
            new = tuple(margins)
        return {**anchors, self.anchor: replace(spec, **{self.key: new})}


def anchor_figures(anchors: Anchors) -> Iterator[AnchorFigure]:
    """Give the figures of anchors; a count that means all of its structures is none."""
    for name, spec in anchors.items():
        for field in fields(spec):
            value = getattr(spec, field.name)
            if field.name.startswith("margin_") and isinstance(spec, BoxSpec):
                for at, margin in enumerate(value):
                    if margin:  # one that is not written is nothing
                        yield AnchorFigure(name, field.name, at, margin)
            elif field.name == "at_least":
                if value < len(spec.structures):
                    yield AnchorFigure(name, field.name, None, value)
            elif isinstance(value, float):
                yield AnchorFigure(name, field.name, None, value)


def unshown_defaults(
    packs: Sequence[Pack], ontology: Ontology, anchors: Anchors
) -> dict[str, list[float]]:
    """Change each default to both ends; give the values that no rule's test catches, by key."""
    shown = [(pack, Shown(pack, ontology, anchors)) for pack in packs]
    found: dict[str, list[float]] = {}
    for key in WRITTEN:
        places = [
            (there, each)
            for pack, there in shown
            for rule in pack.rules
            for each in taken(key, rule)
        ]
        values = {value for _, each in places for value in each.others()}
        for value in sorted(values) or [float("nan")]:
            if not any(there.catches(each, value) for there, each in places):
                found.setdefault(key, []).append(value)
    return found


def unshown_anchors(
    packs: Sequence[Pack], ontology: Ontology, anchors: Anchors
) -> dict[str, list[float]]:
    """Change each figure of the anchors; give the values that no rule's test catches, by name."""
    users: dict[str, list[tuple[Pack, Rule]]] = {}
    for pack in packs:
        for use in uses_of(pack, ontology, anchors):
            for anchor in use.anchors:
                users.setdefault(anchor, []).append((pack, use.rule))
    found: dict[str, list[float]] = {}
    for figure in anchor_figures(anchors):
        for value in figure.others():
            changed = figure.put(anchors, value)
            shown = {pack.name: Shown(pack, ontology, changed) for pack in packs}
            if not any(shown[pack.name].fails(rule) for pack, rule in users.get(figure.anchor, ())):
                found.setdefault(figure.name, []).append(value)
    return found
