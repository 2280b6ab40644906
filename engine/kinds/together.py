"""Whether the sources of a case show one patient, in one place: each against the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from vesalius.engine.judging.collisions import Depth, collisions, independent
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.places_apart import moved_labels
from vesalius.engine.judging.sources import contexts_of_sources
from vesalius.engine.judging.verdict import Finding, Verdict
from vesalius.engine.plan.roles import (
    Count,
    LabelsAmong,
    LabelsJudged,
    Millilitres,
    Millimetres,
    Share,
)
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class Pool:
    """Of the labels that are compared, some that a source may take for each other."""

    labels: LabelsAmong


@dataclass(frozen=True)
class Exclusive:
    """No voxel of the one is a voxel of the other."""

    one: LabelsJudged
    other: LabelsJudged


@dataclass(frozen=True)
class Together(Expect):
    """No source contradicts another one.

    Two sources do where of the labels that both have at least `at_least`, and this `share`, lie
    `moved_mm` or more elsewhere; or where labels that exclude each other lie deep in each other, in
    at least `independent` pairs without a common label: what they share holds cubes of `thick_mm`
    and `thick_voxels`, `deep_ml` in all, or has `deep_ml` and is `inside_share` of one of them.
    """

    labels: LabelsJudged
    pools: tuple[Pool, ...]
    moved_mm: Millimetres
    share: Share
    at_least: Count
    exclusive: tuple[Exclusive, ...]
    thick_mm: Millimetres
    thick_voxels: Count
    deep_ml: Millilitres
    inside_share: Share
    independent: Count

    between_sources: ClassVar[bool] = True


@dataclass(frozen=True)
class _Met:
    """What two sources say of each other."""

    compared: int
    moved: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    against: bool
    alike: bool


@dataclass(frozen=True)
class _Odd:
    """A source that contradicts some others, and whether it is known to be the one at fault."""

    others: tuple[int, ...]
    known: bool


def judge_together(expect: Together, context: Context) -> Verdict:
    """Find out whether one source, of all that a case has, contradicts others.

    One that contradicts more of the others than any other is at fault; of two that contradict each
    other the one that agrees with a third is not. Else each of them is told, and it is said that
    labels cannot tell which. The finding is about the whole source, which is doubted. One that is
    known to be wrong by itself contradicts nobody.
    """
    case = context.around
    if case is None:
        return Verdict()
    alone = contexts_of_sources(case)
    me = next(at for at, (_, own) in enumerate(alone) if own.work is context.work)
    met, odd = case.cached("together", (), lambda: _all_met(expect, case), expect, case.distrusted)
    if me not in odd:
        return Verdict()
    found = [_as_first(me, pair, met[pair]) for pair in _pairs_of(me, odd[me].others)]
    moved = {label for one in found for label in one.moved}
    inside = {pair[0] for one in found for pair in one.pairs}
    names = ", ".join(alone[other][0].name for other in odd[me].others)
    values = (
        ("moved", float(len(moved))),
        ("compared", float(max(one.compared for one in found))),
        ("inside", float(len(inside))),
    )
    ways = [bool(moved) and any(one.moved for one in found), bool(inside)]
    kind = ("elsewhere", "in others")[0 if ways[0] else 1]
    note = f"against {names}"
    if not odd[me].known:
        note += "; labels cannot tell which of them is the wrong one"
    labels = tuple(sorted(moved if ways[0] else inside))
    finding = Finding(kind, labels, values=values, note=note)
    return Verdict((finding,), doubted=tuple(context.work.labels().tolist()))


Meetings = Mapping[tuple[int, int], _Met]


def _pairs_of(me: int, others: Sequence[int]) -> list[tuple[int, int]]:
    return [(min(me, other), max(me, other)) for other in others]


def _as_first(me: int, pair: tuple[int, int], met: _Met) -> _Met:
    if pair[0] == me:
        return met
    turned = tuple((b, a) for a, b in met.pairs)
    return _Met(met.compared, met.moved, turned, met.against, met.alike)


def _all_met(expect: Together, case: Context) -> tuple[Meetings, Mapping[int, _Odd]]:
    alone = [own for _, own in contexts_of_sources(case)]
    apart = _apart(expect)
    trusted = [number for number in range(len(alone)) if number not in case.distrusted]
    met = {(a, b): _meet(expect, alone[a], alone[b], apart) for a, b in combinations(trusted, 2)}
    return met, _odd_ones(met)


def _meet(expect: Together, one: Context, other: Context, apart: np.ndarray) -> _Met:
    pools = [pool.labels for pool in expect.pools]
    both, moved = moved_labels(one, other, expect.labels, pools, expect.moved_mm)
    elsewhere = len(moved) >= max(expect.at_least, 1) and len(moved) >= expect.share * len(both)
    depth = Depth(expect.thick_mm, expect.thick_voxels, expect.deep_ml, expect.inside_share)
    fewest = max(expect.independent, 1)
    pairs = collisions(one.work, other.work, apart, depth, fewest)
    within = independent(pairs) >= fewest
    enough = len(both) >= max(expect.at_least, 1)
    return _Met(
        len(both), moved if elsewhere else (), pairs, elsewhere or within, enough and not elsewhere
    )


def _apart(expect: Together) -> np.ndarray:
    every = [label for pair in expect.exclusive for label in (*pair.one, *pair.other)]
    size = max(every, default=0) + 1
    apart = np.zeros((size, size), dtype=bool)
    for pair in expect.exclusive:
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            apart[np.ix_(one, other)] = True
    return apart


def _odd_ones(met: Meetings) -> dict[int, _Odd]:
    """Take the source that contradicts most others out, until none contradicts another."""
    left = {pair for pair, one in met.items() if one.against}
    backed = {
        source for pair, one in met.items() if one.alike and not one.against for source in pair
    }
    odd: dict[int, _Odd] = {}
    while left:
        times = Counter(source for pair in left for source in pair)
        most = [source for source in sorted(times) if times[source] == max(times.values())]
        alone = [source for source in most if source not in backed]
        known = len(most) == 1 or len(alone) == 1
        for source in most if len(most) == 1 or not known else alone:
            others = sorted({n for pair in left if source in pair for n in pair} - {source})
            odd[source] = _Odd(tuple(others), known)
        left = {pair for pair in left if not odd.keys() & set(pair)}
    return odd
