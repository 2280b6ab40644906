"""When a rule applies: the conditions of a case as written, and as guards of the engine."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Final

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from vesalius.engine.plan.where import (
    Ahead,
    AllOf,
    AnyOf,
    Guard,
    HasImage,
    MetadataIs,
    Not,
    Seen,
    Uncut,
)
from vesalius.ontology.reading.form import Form
from vesalius.rules.lowering import Lowering
from vesalius.rules.places.directions import DIRECTIONS, Direction


class Order(Form):
    """Structures, or groups of them, that must follow each other."""

    of: Annotated[list[Any], Field(min_length=2)]
    direction: Direction = "inferior"


class Ends(Form):
    """Structures, and ends of the scan that must not cut them."""

    of: Any
    ends: Annotated[list[Direction], Field(min_length=1)]


class When(Form):
    """What must be so for a rule to apply; the keys are ANDed. Three-valued."""

    case: dict[str, Any] | None = Field(
        None, description="Metadata of the case: a value, or a list of values that will do."
    )
    present: Any = Field(
        None, description="A selector, or a list: of each entry some structure has voxels."
    )
    absent: Any = Field(None, description="A selector: none of its structures has a voxel.")
    uncut: Any = Field(
        None, description="A selector: none of its structures touches the border of the scan."
    )
    uncut_at: Ends | None = Field(
        None, description="A selector: none of its structures touches these ends of the scan."
    )
    image: bool | None = Field(None, description="Whether the case has an image.")
    order: Order | None = Field(
        None,
        description="Selectors whose common centres advance along a direction, else downwards.",
    )
    not_: When | None = Field(None, alias="not", description="The opposite.")
    any_: list[When] | None = Field(
        None, alias="any", min_length=1, description="One of these is enough."
    )

    @model_validator(mode="after")
    def _plain_values(self) -> When:
        if not self.model_fields_set:
            kind, message = "empty_when", f"needs one of {', '.join(WHEN_KEYS)}"
            raise PydanticCustomError(kind, message)
        for key, value in (self.case or {}).items():
            values = value if isinstance(value, list) else [value]
            if not values or not all(isinstance(v, str | int | float) for v in values):
                kind, message = "case_value", f"`{key}` of `case` expects a value or a list of them"
                raise PydanticCustomError(kind, message)
        return self


WHEN_KEYS: Final = (
    "case",
    "present",
    "absent",
    "uncut",
    "uncut_at",
    "image",
    "order",
    "not",
    "any",
)

When.model_rebuild()


def lower_when(when: When, context: Lowering, *at: str | int) -> Guard:
    """Give the guard of a condition.

    Parameters
    ----------
    when : When
        The condition.
    context : Lowering
        The rule.
    *at : str or int
        Where in the rule it is written.
    """
    guards: list[Guard] = []
    for key, value in (when.case or {}).items():
        values = value if isinstance(value, list) else [value]
        guards.append(MetadataIs(key, tuple(str(v) for v in values)))
    if when.present is not None:
        if isinstance(when.present, list):
            entries = [(entry, (*at, "present", i)) for i, entry in enumerate(when.present)]
        else:
            entries = [(when.present, (*at, "present"))]
        guards += [Seen(context.select(entry, *place), all_of=False) for entry, place in entries]
    if when.absent is not None:
        guards.append(Not(Seen(context.select(when.absent, *at, "absent"), all_of=False)))
    if when.uncut is not None:
        guards.append(Uncut(context.select(when.uncut, *at, "uncut")))
    if when.uncut_at is not None:
        labels = context.select(when.uncut_at.of, *at, "uncut_at", "of")
        guards.append(Uncut(labels, tuple(DIRECTIONS[end] for end in when.uncut_at.ends)))
    if when.image is not None:
        guards.append(HasImage() if when.image else Not(HasImage()))
    if when.order is not None:
        guards += _ahead(when.order, context, *at, "order")
    if when.not_ is not None:
        guards.append(Not(lower_when(when.not_, context, *at, "not")))
    if when.any_ is not None:
        guards.append(
            AnyOf(tuple(lower_when(w, context, *at, "any", i) for i, w in enumerate(when.any_)))
        )
    return guards[0] if len(guards) == 1 else AllOf(tuple(guards))


def _ahead(order: Order, context: Lowering, *at: str | int) -> list[Guard]:
    groups = [context.select(group, *at, "of", i) for i, group in enumerate(order.of)]
    direction = DIRECTIONS[order.direction]
    return [Ahead(other, one, direction) for one, other in itertools.pairwise(groups)]


def required_metadata(when: When | None) -> dict[str, frozenset[str]]:
    """Give the metadata that a case must have: key to the values that will do."""
    return {
        key: frozenset(map(str, value if isinstance(value, list) else [value]))
        for key, value in ((when.case if when else None) or {}).items()
    }
