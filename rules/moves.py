"""What a step may move from where to where, as far as the rule says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vesalius.engine import steps as eng
from vesalius.rules.footprint import judged_labels


@dataclass(frozen=True)
class MoveOf:
    """Voxels of one label in a region may become another label."""

    source: int
    target: int
    region: frozenset[eng.Condition]


def moves_of(step: eng.Step) -> Iterator[MoveOf]:
    """Yield the moves of a step between structures.

    Moves whose target depends on what is near, and moves to background, are left out.

    Parameters
    ----------
    step : Step
        A lowered rule.
    """
    if step.expect is None or step.repair is None:
        return
    for source, region in _faults(step.expect):
        yield from _to(source, region, step.repair)


def undone_by(first: Sequence[MoveOf], second: Sequence[MoveOf]) -> MoveOf | None:
    """Give a move of the first that the second may take back; None where there is none."""
    back = {(move.target, move.source): move for move in second}
    for move in first:
        other = back.get((move.source, move.target))
        if other is not None and not _apart(move.region, other.region):
            return move
    return None


def _apart(one: frozenset[eng.Condition], other: frozenset[eng.Condition]) -> bool:
    """Tell whether no place can be in both: they want opposite sides of one anchor."""
    return any(eng.Condition(c.anchor, not c.inside) in other for c in one)


def _faults(expect: eng.Expect) -> Iterator[tuple[int, frozenset[eng.Condition]]]:
    """Yield each label that may be at fault, with what is known of where."""
    if isinstance(expect, eng.OnOwnSide):
        for positive, negative in expect.pairs:
            yield positive, frozenset({eng.Condition(expect.anchor, inside=False)})
            yield negative, frozenset({eng.Condition(expect.anchor, inside=True)})
        return
    region = frozenset[eng.Condition]()
    if isinstance(expect, eng.Absent):
        region = frozenset(expect.region)
    elif isinstance(expect, eng.Located):
        if not expect.inside:
            region = frozenset(expect.region)
        elif len(expect.region) == 1:
            (condition,) = expect.region
            region = frozenset({eng.Condition(condition.anchor, not condition.inside)})
    for label in sorted(judged_labels(expect)):
        yield label, region


def _to(
    source: int, region: frozenset[eng.Condition], destination: eng.Destination
) -> Iterator[MoveOf]:
    if isinstance(destination, eng.Into):
        if destination.label not in (0, source):
            yield MoveOf(source, destination.label, region)
    elif isinstance(destination, eng.IntoSides):
        for label, side in ((destination.positive, True), (destination.negative, False)):
            if label != source:
                where = region | {eng.Condition(destination.anchor, side)}
                yield MoveOf(source, label, where)
    elif isinstance(destination, eng.IntoOther):
        for pair in destination.pairs:
            if source in pair:
                yield MoveOf(source, pair[1] if source == pair[0] else pair[0], region)
    elif isinstance(destination, eng.IntoRegions):
        for inside, target in destination.cases:
            yield from _to(source, region | frozenset(inside), target)
        yield from _to(source, region, destination.otherwise)
