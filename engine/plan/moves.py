"""What a step may move from where to where, as far as its fields say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vesalius.engine.plan.footprint import judged_labels
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import Condition


@dataclass(frozen=True)
class MoveOf:
    """Voxels of one label in a region may become another label."""

    source: int
    target: int
    region: frozenset[Condition]


def moves_of(step: Step) -> Iterator[MoveOf]:
    """Yield the moves of a step between structures.

    Moves whose target depends on what is near, and moves to background, are left out.

    Parameters
    ----------
    step : Step
        A lowered rule.
    """
    if step.expect is None or step.repair is None:
        return
    for source in judged_labels(step.expect):
        region = frozenset(step.expect.wrong_where(source))
        for target, where in step.repair.targets(source):
            if target not in (0, source):
                yield MoveOf(source, target, region | frozenset(where))


def undone_by(first: Sequence[MoveOf], second: Sequence[MoveOf]) -> MoveOf | None:
    """Give a move of the first that the second may take back; None where there is none."""
    back = {(move.target, move.source): move for move in second}
    for move in first:
        other = back.get((move.source, move.target))
        if other is not None and not _apart(move.region, other.region):
            return move
    return None


def _apart(one: frozenset[Condition], other: frozenset[Condition]) -> bool:
    """Tell whether no place can be in both: they want opposite sides of one anchor."""
    return any(Condition(c.anchor, not c.inside) in other for c in one)
