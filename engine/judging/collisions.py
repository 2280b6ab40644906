"""Labels of two sources that cannot lie in one place, and do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import join
from vesalius.engine.runs.crop import bounds, crop
from vesalius.engine.runs.labelmap import LabelMap, decode
from vesalius.engine.runs.opening import opened
from vesalius.engine.runs.overlap import pair_voxels
from vesalius.engine.runs.sweeps import refine

Pair = tuple[int, int]


@dataclass(frozen=True)
class Depth:
    """How deep one label lies in another where that is more than a border.

    Parameters
    ----------
    thick_mm : float
        What they share holds a cube with this side,
    thick_voxels : int
        and of so many voxels along each axis;
    at_least_ml : float
        all such cubes together are so large.
    share : float
        Or what they share is so large, and this share of one of them.
    """

    thick_mm: float
    thick_voxels: int
    at_least_ml: float
    share: float


def collisions(
    one: LabelMap, other: LabelMap, apart: NDArray[np.bool_], depth: Depth, fewest: int
) -> tuple[Pair, ...]:
    """Find the pairs of labels of two maps that lie deep in each other.

    Parameters
    ----------
    one, other : LabelMap
        On one grid and with the same axes.
    apart : ndarray of bool, shape (n, n)
        Pairs that share no voxel where both maps are right.
    depth : Depth
        What is more than a border.
    fewest : int
        Where fewer pairs without a common label can be found, none are given.

    Returns
    -------
    tuple of (int, int)
        Labels of `one` and of `other`, ascending.
    """
    shared = pair_voxels(one, other)
    rows, columns = (min(a, b) for a, b in zip(shared.shape, apart.shape, strict=True))
    shared = np.where(apart[:rows, :columns], shared[:rows, :columns], 0)
    ml = one.grid.voxel_ml
    large = (shared > 0) & (shared * ml >= depth.at_least_ml)
    found = [(int(a), int(b)) for a, b in np.argwhere(large)]
    if independent(found) < fewest:
        return ()
    counts = one.voxels_by_label, other.voxels_by_label
    inside = {
        (a, b)
        for a, b in found
        if shared[a, b] >= depth.share * min(int(counts[0][a]), int(counts[1][b]))
    }
    windows = [
        max(depth.thick_voxels, 1, math.ceil(depth.thick_mm / size - 1e-6))
        for size in one.grid.spacing_mm
    ]
    deep = set(_deep(one, other, [p for p in found if p not in inside], windows, depth))
    pairs = tuple(sorted(inside | deep))
    return pairs if independent(pairs) >= fewest else ()


def _deep(
    one: LabelMap, other: LabelMap, pairs: Sequence[Pair], windows: Sequence[int], depth: Depth
) -> Iterator[Pair]:
    """Yield the pairs whose common voxels hold enough cubes."""
    if not pairs:
        return
    both = refine([one, other])
    size = other.largest + 1
    # A cube has no shorter line than this.
    long = (both.stop - both.start) >= windows[one.axes[0]]
    rows = np.flatnonzero(long & (both.labels != 0).all(axis=1))
    key = both.labels[rows, 0].astype(np.int64) * size + both.labels[rows, 1]
    for a, b in pairs:
        own = rows[key == a * size + b]
        lengths = both.stop[own] - both.start[own]
        if int(lengths.sum()) * one.grid.voxel_ml < depth.at_least_ml:
            continue
        runs = join(one, both.start[own], both.stop[own], np.ones(len(own), dtype=np.uint16))
        box = bounds(runs)
        if box is None:
            continue
        mask = decode(crop(runs, box)).astype(bool)
        left = opened(mask, windows, [(False, False)] * 3)
        if left.any() and int(left.sum()) * one.grid.voxel_ml >= depth.at_least_ml:
            yield a, b


def independent(pairs: Sequence[Pair]) -> int:
    """Count the most pairs of which no two have a label of the same map in common.

    So many labels at least must be wrong by themselves, for all pairs to have a reason.
    """
    met: dict[int, list[int]] = {}
    for a, b in pairs:
        met.setdefault(a, []).append(b)
    taken: dict[int, int] = {}

    def place(a: int, tried: set[int]) -> bool:
        for b in met[a]:
            if b not in tried:
                tried.add(b)
                if b not in taken or place(taken[b], tried):
                    taken[b] = a
                    return True
        return False

    return sum(place(a, set()) for a in met)
