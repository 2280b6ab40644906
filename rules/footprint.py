"""What a step depends on, and what it may give or take voxels of; 0 stands for background."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from vesalius.engine import steps as eng
from vesalius.engine.plan import Anchor

BACKGROUND = 0


@dataclass(frozen=True)
class Footprint:
    """Labels that are read and written."""

    reads: frozenset[int]
    writes: frozenset[int]

    def __or__(self, other: Footprint) -> Footprint:
        """Unite."""
        return Footprint(self.reads | other.reads, self.writes | other.writes)


def footprint(step: eng.Step, anchors: Sequence[Anchor], everything: Collection[int]) -> Footprint:
    """Give what a step reads and writes.

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
    if step.guard is not None:
        reads |= _guard_labels(step.guard)
    places: set[int] = set()
    if step.expect is not None:
        reads |= judged_labels(step.expect) | _other_labels(step.expect)
        places |= set(_expect_anchors(step.expect))
        if step.repair is not None:
            taken = _taken(step.expect)
            reads |= taken
            writes |= taken
            given = _destination(step.repair, judged_labels(step.expect), everything)
            reads |= given.reads
            writes |= given.writes
            places |= set(_destination_anchors(step.repair))
    if isinstance(step.derive, eng.FromHu):
        reads |= {*step.derive.over, step.derive.label}
        writes |= {*step.derive.over, step.derive.label}
        places |= {condition.anchor for condition in step.derive.region}
    elif isinstance(step.derive, eng.RestOfBody):
        reads |= {BACKGROUND, *step.derive.over}
        writes |= {BACKGROUND, step.derive.label, *step.derive.over}
    for anchor in places:
        reads |= set(anchors[anchor].labels)
    return Footprint(frozenset(reads), frozenset(writes))


def judged_labels(expect: eng.Expect) -> set[int]:
    """Give the labels that an expectation is about."""
    if isinstance(expect, eng.OnOwnSide):
        return {label for pair in expect.pairs for label in pair}
    if isinstance(expect, eng.Counted):
        return {*expect.positive, *expect.negative}
    if isinstance(expect, eng.Plausible):
        return set()
    return set(expect.labels)


def _other_labels(expect: eng.Expect) -> set[int]:
    if isinstance(expect, eng.Touching | eng.VolumeRatio):
        return set(expect.others)
    if isinstance(expect, eng.Enclosed):
        return set(expect.by)
    return {BACKGROUND} if isinstance(expect, eng.Filled) else set()


def _taken(expect: eng.Expect) -> set[int]:
    return {BACKGROUND} if isinstance(expect, eng.Filled) else judged_labels(expect)


def _expect_anchors(expect: eng.Expect) -> Iterator[int]:
    if isinstance(expect, eng.Absent | eng.Located):
        yield from (condition.anchor for condition in expect.region)
    elif isinstance(expect, eng.OnOwnSide | eng.Counted | eng.Agrees | eng.Plausible):
        yield expect.anchor


def _guard_labels(guard: eng.Guard) -> set[int]:
    if isinstance(guard, eng.Seen | eng.Uncut):
        return set(guard.labels)
    if isinstance(guard, eng.Ahead):
        return {*guard.labels, *guard.others}
    if isinstance(guard, eng.Not):
        return _guard_labels(guard.guard)
    if isinstance(guard, eng.AllOf | eng.AnyOf):
        return {label for part in guard.guards for label in _guard_labels(part)}
    return set()


def _destination(
    destination: eng.Destination, judged: Collection[int], everything: Collection[int]
) -> Footprint:
    """Give what a destination looks at and what it may give voxels to."""
    if isinstance(destination, eng.IntoNeighbour):
        near = frozenset(n for _, candidates in destination.neighbours for n in candidates)
        return Footprint(near, near) | _destination(destination.rest, judged, everything)
    if isinstance(destination, eng.IntoRegions):
        found = _destination(destination.otherwise, judged, everything)
        for _, target in destination.cases:
            found |= _destination(target, judged, everything)
        return found
    if isinstance(destination, eng.IntoSurrounding):
        near = frozenset(everything) - frozenset(destination.never)
        near |= {BACKGROUND} if destination.background else frozenset()
        return Footprint(near, near | {destination.otherwise})
    return Footprint(frozenset(), frozenset(_given(destination, judged)))


def _given(
    destination: eng.Into | eng.IntoSides | eng.IntoOther | eng.AsCounted | eng.IntoEnclosing,
    judged: Collection[int],
) -> Collection[int]:
    """Give the labels of a destination that does not look around."""
    if isinstance(destination, eng.Into):
        return {destination.label}
    if isinstance(destination, eng.IntoSides):
        return {destination.positive, destination.negative}
    if isinstance(destination, eng.IntoOther):
        return {label for pair in destination.pairs for label in pair}
    return judged


def _destination_anchors(destination: eng.Destination) -> Iterator[int]:
    if isinstance(destination, eng.IntoSides):
        yield destination.anchor
    elif isinstance(destination, eng.IntoNeighbour):
        yield from _destination_anchors(destination.rest)
    elif isinstance(destination, eng.IntoRegions):
        yield from _destination_anchors(destination.otherwise)
        for region, target in destination.cases:
            yield from (condition.anchor for condition in region)
            yield from _destination_anchors(target)
