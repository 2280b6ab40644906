"""Conditions of a case as guards."""

from __future__ import annotations

import itertools

from vesalius.engine.steps import (
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
from vesalius.rules.directions import DIRECTIONS
from vesalius.rules.lower_context import Lowering
from vesalius.rules.place_models import Order, When


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
