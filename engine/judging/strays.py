"""Labels of a chain that took other places, and bodies that carry another's label."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vesalius.engine.judging.rungs import Rung

Moves = Mapping[int, int]


class Strays(NamedTuple):
    """What becomes of a chain of which most is in its place.

    Parameters
    ----------
    labels : mapping of int to int
        Labels that take each other's places, or move on as a block onto a free one.
    pushed : mapping of int to int
        Labels that move on because the one before them is there twice.
    bodies : mapping of int to int
        What single bodies of a label become, by component.
    """

    labels: Moves
    pushed: Moves
    bodies: Moves


def strays_of(
    chain: Sequence[int], rungs: Sequence[Rung], present: Sequence[int], fewest: int
) -> Strays:
    """Find the labels and bodies of one chain that are off by one, as far as that is proven.

    Parameters
    ----------
    chain : sequence of int
        Labels, first to last.
    rungs : sequence of Rung
        Its bodies that count.
    present : sequence of int
        Its labels that have voxels.
    fewest : int
        A block of so many may move on by one.
    """
    place = {label: at for at, label in enumerate(chain)}
    wishes, doubles = _wishes(chain, rungs, present)
    there = set(present)
    moved = _chained(wishes, there, fewest)
    paths = []
    for rung, aim in doubles:
        path = [aim]
        # The one whose place it takes moves on in the same direction, and so on.
        while _gives_way(path[-1], rung.off, rungs):
            to = place[path[-1]] + rung.off
            if not 0 <= to < len(chain):
                break
            path.append(chain[to])
        if path[-1] not in there:
            paths.append((rung.body, path))
    ends = Counter(path[-1] for _, path in paths)
    pushed: dict[int, int] = {}
    bodies: dict[int, int] = {}
    for body, path in paths:
        others = [n for n, aim in moved.items() if aim == path[-1] and n not in path]
        if ends[path[-1]] == 1 and not others:
            bodies[body] = path[0]
            pushed |= dict(itertools.pairwise(path))
    return Strays({n: aim for n, aim in moved.items() if n not in pushed}, pushed, bodies)


def rows_of(
    chain: Sequence[int], rungs: Sequence[Rung], present: Sequence[int], fewest: int
) -> Moves:
    """Find the labels of one chain that are off by one in a row that ends at a free label.

    Parameters are those of :func:`strays_of`; a row has at least `fewest` labels.
    """
    moves = _chained(_wishes(chain, rungs, present)[0], set(present), fewest)
    return {label: aim for label, aim in moves.items() if moves.get(aim) != label}


def _wishes(
    chain: Sequence[int], rungs: Sequence[Rung], present: Sequence[int]
) -> tuple[dict[int, int], list[tuple[Rung, int]]]:
    """Give what each label that is off by one would be, and single bodies of labels with two."""
    place = {label: at for at, label in enumerate(chain)}
    wishes: dict[int, int] = {}
    doubles: list[tuple[Rung, int]] = []
    for label in present:
        own = [rung for rung in rungs if rung.label == label]
        for rung in own:
            to = place[label] + rung.off
            if abs(rung.off) != 1 or not 0 <= to < len(chain):
                continue
            if len(own) == 1:
                wishes[label] = chain[to]
            elif sorted(abs(one.off) for one in own) == [0, 1]:
                doubles.append((rung, chain[to]))
    return wishes, doubles


def _gives_way(label: int, way: int, rungs: Sequence[Rung]) -> bool:
    """Tell whether all that is seen of a label is off in one direction."""
    offs = [rung.off for rung in rungs if rung.label == label]
    return bool(offs) and all(off * way > 0 for off in offs)


def _chained(moves: Moves, present: set[int], fewest: int) -> Moves:
    """Keep the moves that take each other's places all around, or as a block onto a free one."""
    kept: dict[int, int] = {}
    for start in moves:
        path = [start]
        while path[-1] in moves and moves[path[-1]] not in path:
            path.append(moves[path[-1]])
        around = path[-1] in moves and moves[path[-1]] == start
        first = start not in moves.values()
        free = first and path[-1] not in present and len(path) > fewest
        if around or free:
            kept |= {label: moves[label] for label in path if label in moves}
    once = Counter(kept.values())
    return {label: aim for label, aim in kept.items() if once[aim] == 1}
