"""What a step depends on, and what it may give or take voxels of; 0 stands for background."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.roles import Role, held_by, integers
from vesalius.engine.plan.step import Expect, Step

BACKGROUND = 0

_JUDGED = (Role.JUDGED, Role.ENCLOSING)
_LOOKED_AT = (*_JUDGED, Role.READ, Role.NEAR, Role.MADE, Role.PAINTED, Role.BESIDES_BACKGROUND)
_GIVEN = (Role.GIVEN, Role.NEAR, Role.MADE, Role.PAINTED, Role.BESIDES_BACKGROUND)
_WITH_BACKGROUND = (Role.ENCLOSING, Role.BESIDES_BACKGROUND)


@dataclass(frozen=True)
class Footprint:
    """Labels that are read and written."""

    reads: frozenset[int]
    writes: frozenset[int]

    def __or__(self, other: Footprint) -> Footprint:
        """Unite."""
        return Footprint(self.reads | other.reads, self.writes | other.writes)


def footprint(step: Step, anchors: Sequence[Anchor], everything: Collection[int]) -> Footprint:
    """Give what a step reads and writes, by the roles of its fields.

    Parameters
    ----------
    step : Step
        The step; its own `reads` and `writes` are not looked at.
    anchors : sequence of Anchor
        What it refers to.
    everything : collection of int
        All work labels; a part may become any of them where its surroundings decide.

    Returns
    -------
    Footprint
    """
    reads: set[int] = set()
    writes: set[int] = set()
    for held in held_by((step.guard, step.expect, step.repair, step.derive)):
        labels = _labels(held.role, held.value, everything)
        if held.role in (*_LOOKED_AT, Role.ANY_BUT, Role.AND_BACKGROUND, Role.BACKGROUND_TOO):
            reads |= labels
        if held.role in _GIVEN or held.role in (Role.ANY_BUT, Role.AND_BACKGROUND):
            writes |= labels
        if held.role in (Role.ANCHOR, Role.PLANE):
            reads |= set(anchors[held.value].labels)
    if step.expect is not None and step.repair is not None:
        writes |= _taken(step.expect)
        if step.repair.gives_judged:
            writes |= set(judged_labels(step.expect))
    return Footprint(frozenset(reads), frozenset(writes))


@lru_cache(maxsize=4096)
def judged_labels(expect: Expect) -> tuple[int, ...]:
    """Give the labels that an expectation is about: pairs as they are, others ascending."""
    found: dict[int, None] = {}
    for held in held_by(expect):
        if held.role in _JUDGED:
            in_pairs = any(isinstance(entry, tuple) for entry in held.value)
            labels = integers(held.value)
            found |= dict.fromkeys(labels if in_pairs else sorted(labels))
    return tuple(found)


def subject(step: Step) -> frozenset[int]:
    """Give the labels that a step is about: those it judges, or makes and makes them of."""
    if step.expect is not None:
        return frozenset(judged_labels(step.expect))
    found: set[int] = set()
    for held in held_by(step.derive):
        if held.role in (Role.MADE, Role.GIVEN, Role.PAINTED):
            found |= set(integers(held.value))
        elif held.role is Role.BESIDES_BACKGROUND:
            found.add(BACKGROUND)
    return frozenset(found)


def _labels(role: Role, value: object, everything: Collection[int]) -> set[int]:
    """Give the labels that a field of a role stands for."""
    if role in (Role.AND_BACKGROUND, Role.BACKGROUND_TOO):
        return {BACKGROUND} if value else set()
    if role is Role.ANY_BUT:
        return set(everything) - set(integers(value))
    if role is Role.NEAR and isinstance(value, tuple):
        return set(integers(tuple(candidates for _, candidates in value)))
    if role not in _LOOKED_AT and role not in _GIVEN:
        return set()
    background = {BACKGROUND} if role in _WITH_BACKGROUND else set()
    return set(integers(value)) | background


def _taken(expect: Expect) -> set[int]:
    """Give the labels whose voxels may be at fault."""
    enclosed = any(held.role is Role.ENCLOSING for held in held_by(expect))
    return {BACKGROUND} if enclosed else set(judged_labels(expect))
