"""Expectations about names and numbers as written to those of the engine."""

from __future__ import annotations

from vesalius.engine import steps as eng
from vesalius.rules import expect_models as w
from vesalius.rules.directions import DIRECTIONS
from vesalius.rules.lower_context import Lowering

Lowered = tuple[eng.Expect, ...]


def lower_undivided(form: w.UndividedExpect, context: Lowering) -> Lowered:
    """Give the expectation that no piece has two names."""
    labels, limits = context.judged(), form.undivided
    if len(labels) < 2:
        return ()
    undivided = eng.Undivided(labels, limits.connectivity, limits.ignore_below_ml, limits.skip_cut)
    return (undivided,)


def lower_counted(form: w.CountedExpect, context: Lowering) -> Lowered:
    """Give the count of two sequences."""
    count = form.counted
    at = ("expect", "counted")
    left = context.scope.family(count.left, context.path(*at, "left"))
    right = context.scope.family(count.right, context.path(*at, "right"))
    plane = context.sided_plane(count.anchor, *at, "anchor")
    if left is None or right is None or plane is None:
        return ()
    direction = left.direction or right.direction
    if count.direction:
        direction = DIRECTIONS[count.direction]
    elif left.direction != right.direction or direction is None:
        message = "the sequences do not say one direction"
        advice = "add `direction:`, such as inferior"
        context.scope.report("RUL018", message, context.path(*at), advice, key=True)
        return ()
    if len(left.usual()) != len(right.usual()):
        message = (
            f"{len(left.usual())} structures on the left and {len(right.usual())} on the right"
        )
        context.scope.report("RUL018", message, context.path(*at), key=True)
        return ()
    lefts = context.labels(left.usual(), left.usual())
    rights = context.labels(right.usual(), right.usual())
    if len(lefts) + len(rights) < 2 * len(left.usual()):
        return ()
    anchor, left_first = plane
    return (
        eng.Counted(
            positive=lefts if left_first else rights,
            negative=rights if left_first else lefts,
            anchor=anchor,
            direction=direction,
            by=count.by,
            connectivity=count.connectivity,
            clear_mm=count.clear_mm,
        ),
    )


def lower_numbered(form: w.NumberedExpect, context: Lowering) -> Lowered:
    """Give the numbers of one chain."""
    chain = form.numbered
    at = ("expect", "numbered")
    family = context.scope.family(chain.sequence, context.path(*at, "sequence"))
    may_lack = () if chain.may_lack is None else context.select(chain.may_lack, *at, "may_lack")
    if family is None:
        return ()
    direction = DIRECTIONS[chain.direction] if chain.direction else family.direction
    if direction is None:
        no_direction(context, "numbered", key=True)
        return ()
    labels = context.labels(family.members)
    known = context.table.labels
    optional = tuple(known[name] for name in family.variants if name in known)
    if len(labels) < 4:
        return ()
    return (
        eng.Numbered(
            labels=labels,
            direction=direction,
            optional=optional,
            may_lack=tuple(label for label in labels if label in may_lack),
            clear_mm=chain.clear_mm,
            connectivity=chain.connectivity,
        ),
    )


def lower_agrees(form: w.AgreesExpect, context: Lowering) -> Lowered:
    """Give the agreement of two ways to measure sides and order."""
    labels, agreement = context.judged(), form.agrees
    plane = context.sided_plane(agreement.anchor, "expect", "agrees", "anchor")
    if plane is None or not labels:
        return ()
    return (
        eng.Agrees(
            labels=labels,
            anchor=plane[0],
            direction=DIRECTIONS[agreement.direction],
            expected=agreement.expected,
            connectivity=agreement.connectivity,
            sides=agreement.sides,
            order=agreement.order,
        ),
    )


def no_direction(context: Lowering, form: str, key: bool = False) -> None:
    """Report a list that does not say along what it is in order."""
    message = "a list of structures has no direction of its own"
    advice = "add `direction:`, such as inferior"
    context.scope.report("RUL018", message, context.path("expect", form), advice, key=key)
