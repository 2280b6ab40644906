"""What runs mean: small dense arrays in index order i, j, k, with plain loops.

Tests of the engine's runs compare with these; the oracle itself uses a few of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.geometry import Affine, Voxel, neighbours, place_microns, position_mm

Axes = tuple[int, int, int]


class Component(NamedTuple):
    """One connected component: its key, its voxels and its measures."""

    key: int
    voxels: list[Voxel]
    index_sum: tuple[int, int, int]
    box_lo: Voxel
    box_hi: Voxel


def positions(shape: tuple[int, ...], axes: Axes) -> list[Voxel]:
    """Return the voxel index at each flat position in `axes` order."""
    fast, middle, slow = axes
    order: list[Voxel] = []
    for s, m, f in itertools.product(range(shape[slow]), range(shape[middle]), range(shape[fast])):
        voxel = [0, 0, 0]
        voxel[fast], voxel[middle], voxel[slow] = f, m, s
        order.append((voxel[0], voxel[1], voxel[2]))
    return order


def runs(array: NDArray[Any], axes: Axes) -> list[tuple[int, int, int]]:
    """Return (start, stop, label) of every run, by walking the voxels."""
    line = array.shape[axes[0]]
    found: list[tuple[int, int, int]] = []
    for position, voxel in enumerate(positions(array.shape, axes)):
        label = int(array[voxel])
        if not label:
            continue
        goes_on = position % line and found and found[-1][1:] == (position, label)
        first = found.pop()[0] if goes_on else position
        found.append((first, position + 1, label))
    return found


def paint(runs_like: Any, values: NDArray[Any], background: int) -> NDArray[Any]:
    """Write one value per run (`start` to `stop` in `axes` order) into an array in index order."""
    array = np.full(runs_like.grid.shape, background, dtype=values.dtype)
    where = positions(runs_like.grid.shape, runs_like.axes)
    for start, stop, value in zip(runs_like.start, runs_like.stop, values, strict=True):
        for position in range(int(start), int(stop)):
            array[where[position]] = value
    return array


def labels(labelmap: Any) -> NDArray[Any]:
    """Return the labels as an array."""
    return paint(labelmap, labelmap.label, 0)


def voxels_of(array: NDArray[Any], label: int) -> list[Voxel]:
    """Return the voxels of a label, in index order."""
    return [v for v in itertools.product(*map(range, array.shape)) if array[v] == label]  # type: ignore[misc]


def describe(key: int, voxels: Sequence[Voxel]) -> Component:
    """Measure a set of voxels."""
    columns = list(zip(*voxels, strict=True))
    i, j, k = (sum(c) for c in columns)
    lo_i, lo_j, lo_k = (min(c) for c in columns)
    hi_i, hi_j, hi_k = (max(c) + 1 for c in columns)
    return Component(key, list(voxels), (i, j, k), (lo_i, lo_j, lo_k), (hi_i, hi_j, hi_k))


def measure(array: NDArray[Any]) -> list[Component]:
    """Measure every label that is present."""
    present = sorted({int(v) for v in array.ravel() if v})
    return [describe(label, voxels_of(array, label)) for label in present]


def components(
    array: NDArray[Any], affine: Affine, connectivity: int = 6, key: Sequence[int] | None = None
) -> list[Component]:
    """Flood every label; order by label, size, centroid, first voxel, all in patient space."""
    keys = np.array(array if key is None else np.asarray(key)[array], dtype=np.int64)
    seen = np.zeros(array.shape, dtype=bool)
    found: list[Component] = []
    for seed in itertools.product(*map(range, array.shape)):
        if not keys[seed] or seen[seed]:
            continue
        seen[seed] = True
        reached: list[Voxel] = [(seed[0], seed[1], seed[2])]
        for voxel in reached:
            for other in neighbours(voxel, array.shape, connectivity):
                if keys[other] == keys[seed] and not seen[other]:
                    seen[other] = True
                    reached.append(other)
        found.append(describe(int(keys[seed]), reached))
    return sorted(found, key=lambda c: _place(c, affine))


def _place(component: Component, affine: Affine) -> tuple[Any, ...]:
    """Return what components are sorted by."""
    centre = np.array(component.index_sum) / len(component.voxels)
    first = min(place_microns(position_mm(affine, voxel)) for voxel in component.voxels)
    place = place_microns(position_mm(affine, centre))
    return component.key, -len(component.voxels), place, first


def index_histogram(array: NDArray[Any], label: int, axis: int) -> list[int]:
    """Count the voxels of a label at every index of an axis."""
    indices = [v[axis] for v in voxels_of(array, label)]
    return [indices.count(i) for i in range(array.shape[axis])]


def inside(
    shape: Voxel, affine: Affine, planes: Sequence[tuple[Sequence[float], float]]
) -> NDArray[np.bool_]:
    """Tell for each voxel whether it lies inside half-spaces, each a normal and an offset.

    The order of the sums is part of the meaning, for a voxel on a plane is decided by it.
    """
    answer = np.ones(shape, dtype=bool)
    for (x, y, z), offset_mm in planes:
        a, b, c, d = (
            x * float(affine[0, at]) + y * float(affine[1, at]) + z * float(affine[2, at])
            for at in range(4)
        )
        d -= offset_mm
        for i, j, k in itertools.product(*map(range, shape)):
            answer[i, j, k] &= (float(a * i + b * j) + c * k) + d >= 0
    return answer


def contacts(array: NDArray[Any], connectivity: int = 6) -> dict[tuple[int, int], int]:
    """Count neighbouring voxels of different value, by ordered pair of values."""
    counts: dict[tuple[int, int], int] = {}
    for voxel in itertools.product(*map(range, array.shape)):
        for other in neighbours((voxel[0], voxel[1], voxel[2]), array.shape, connectivity):
            if array[voxel] < array[other]:
                pair = int(array[voxel]), int(array[other])
                counts[pair] = counts.get(pair, 0) + 1
    return dict(sorted(counts.items()))


def on_border(array: NDArray[Any], label: int) -> list[list[bool]]:
    """Tell for axis i, j, k whether a label is in the first and in the last layer."""
    mask = array == label
    return [[bool(mask.take(0, axis).any()), bool(mask.take(-1, axis).any())] for axis in range(3)]


def relabel(array: NDArray[Any], lut: Sequence[int]) -> NDArray[Any]:
    """Replace every voxel by the table."""
    out = np.zeros(array.shape, dtype=np.uint16)
    for voxel in itertools.product(*map(range, array.shape)):
        out[voxel] = lut[array[voxel]] if array[voxel] else 0
    return out


def overlay(bottom: NDArray[Any], top: NDArray[Any]) -> NDArray[Any]:
    """Paint `top` over `bottom`."""
    return np.where(top != 0, top, bottom)


def refine(arrays: Sequence[NDArray[Any]], axes: Axes) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return (start, stop, labels) of the common refinement.

    An interval ends where a line ends or any map changes, and where none has a label there is
    no interval.
    """
    line = arrays[0].shape[axes[0]]
    found: list[tuple[int, int, tuple[int, ...]]] = []
    for position, voxel in enumerate(positions(arrays[0].shape, axes)):
        values = tuple(int(a[voxel]) for a in arrays)
        if not any(values):
            continue
        goes_on = position % line and found and found[-1][1:] == (position, values)
        first = found.pop()[0] if goes_on else position
        found.append((first, position + 1, values))
    return found


def holes(array: NDArray[Any], walls: Sequence[int], connectivity: int) -> NDArray[np.bool_]:
    """Flood from the border through all that is not a wall; what stays dry is a hole."""
    solid = np.isin(array, list(walls))
    shape = array.shape
    wet = np.zeros(shape, dtype=bool)
    pool: list[Voxel] = []
    for i, j, k in itertools.product(*map(range, shape)):
        outer = any(v in (0, n - 1) for v, n in zip((i, j, k), shape, strict=True))
        if outer and not solid[i, j, k]:
            wet[i, j, k] = True
            pool.append((i, j, k))
    for voxel in pool:
        for other in neighbours(voxel, shape, connectivity):
            if not solid[other] and not wet[other]:
                wet[other] = True
                pool.append(other)
    return np.asarray(~solid & ~wet)
