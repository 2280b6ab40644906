"""Whether the sources of a case contradict each other: each pair of them by itself."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from oracle.judging import Said, Wrong
from oracle.state import Labels, State, main_mask
from vesalius.engine.kinds import Together


class Pair(NamedTuple):
    """What was found of two sources: labels that both have, that moved, that collide."""

    both: list[int]
    moved: list[int]
    deep: list[tuple[int, int]]
    alike: bool

    @property
    def against(self) -> bool:
        return bool(self.moved or self.deep)


def judge(expect: Together, state: State) -> Said:
    """Name who contradicts most, and go on without them."""
    if len(state.sources) < 2:
        return Said()
    number = range(len(state.sources))
    pairs = {
        (a, b): _pair(expect, state, state.sources[a], state.sources[b])
        for a, b in itertools.combinations(number, 2)
    }
    left = {names for names, pair in pairs.items() if pair.against}
    agreeing = {
        n for names, pair in pairs.items() if pair.alike and not pair.against for n in names
    }
    findings: dict[int, Wrong] = {}
    while left:
        times = [sum(n in names for names in left) for n in number]
        worst = [n for n in number if times[n] == max(times)]
        lonely = [n for n in worst if n not in agreeing]
        named = worst if len(worst) == 1 else lonely if len(lonely) == 1 else worst
        for n in named:
            others = [m for m in number if m != n and (min(m, n), max(m, n)) in left]
            findings[n] = _finding(n, others, pairs)
        left = {names for names in left if not set(names) & set(named)}
    return Said(tuple(findings[n] for n in sorted(findings)))


def _finding(me: int, others: list[int], pairs: dict[tuple[int, int], Pair]) -> Wrong:
    met = [pairs[min(me, n), max(me, n)] for n in others]
    moved = {label for pair in met for label in pair.moved}
    inside = {
        names[0 if me < n else 1]
        for n, pair in zip(others, met, strict=True)
        for names in pair.deep
    }
    values = (
        ("moved", float(len(moved))),
        ("compared", float(max(len(pair.both) for pair in met))),
        ("inside", float(len(inside))),
    )
    kind = "elsewhere" if moved else "in others"
    return Wrong(kind, tuple(sorted(moved or inside)), 0, values)


def _pair(expect: Together, state: State, one: Labels, other: Labels) -> Pair:
    both = [n for n in sorted(set(expect.labels)) if (one == n).any() and (other == n).any()]
    excused: set[int] = set()
    for pool in expect.pools:
        members = [n for n in pool.labels if n in expect.labels]
        here, there = (
            sum(
                (main_mask(state.having(array), n) for n in members),
                np.zeros(one.shape, dtype=bool),
            )
            for array in (one, other)
        )
        if here.any() and there.any() and _moved(here, there, state) < expect.moved_mm:
            excused |= set(pool.labels)
    moved = [
        n
        for n in both
        if n not in excused
        and _moved(main_mask(state.having(one), n), main_mask(state.having(other), n), state)
        >= expect.moved_mm
    ]
    fewest = max(expect.at_least, 1)
    elsewhere = len(moved) >= fewest and len(moved) >= expect.share * len(both)
    deep = _deep(expect, state, one, other)
    return Pair(both, moved if elsewhere else [], deep, len(both) >= fewest and not elsewhere)


def _sizes(state: State) -> list[float]:
    return [float(np.linalg.norm(state.affine[:3, axis])) for axis in range(3)]


def _moved(one: np.ndarray, other: np.ndarray, state: State) -> float:
    squares = 0.0
    for axis, size in enumerate(_sizes(state)):
        ends = []
        for mask in (one, other):
            layers = np.flatnonzero(mask.any(axis=tuple(n for n in range(3) if n != axis)))
            ends.append((layers[0], layers[-1]))
        first, last = (ends[1][end] - ends[0][end] for end in (0, 1))
        if (first > 0) == (last > 0) and first and last:
            squares += (min(abs(first), abs(last)) * size) ** 2
    return round(math.sqrt(squares), 6)


def _deep(expect: Together, state: State, one: Labels, other: Labels) -> list[tuple[int, int]]:
    exclusive = {
        names
        for pair in expect.exclusive
        for a in pair.one
        for b in pair.other
        for names in ((a, b), (b, a))
    }
    windows = [
        max(expect.thick_voxels, 1, math.ceil(expect.thick_mm / size - 1e-6))
        for size in _sizes(state)
    ]
    found = []
    for a, b in sorted(exclusive):
        shared = (one == a) & (other == b)
        voxels = int(shared.sum())
        if not voxels or state.ml(voxels) < expect.deep_ml:
            continue
        least = min(int((one == a).sum()), int((other == b).sum()))
        wide = np.pad(shared, max(windows))
        thick = ndimage.binary_opening(wide, np.ones(windows, dtype=bool))
        is_deep = thick.any() and state.ml(int(thick.sum())) >= expect.deep_ml
        if voxels >= expect.inside_share * least or is_deep:
            found.append((a, b))
    size = max((label for pair in found for label in pair), default=0) + 1
    table = np.zeros((size, size), dtype=bool)
    for a, b in found:
        table[a, b] = True
    partners = csgraph.maximum_bipartite_matching(sparse.csr_array(table), perm_type="column")
    return found if (partners >= 0).sum() >= max(expect.independent, 1) else []
