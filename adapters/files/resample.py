"""Nearest neighbour from one grid to another, by index arithmetic, plane by plane.

A target voxel takes the label of the source voxel whose box holds its centre. A centre on the
face between two source voxels takes the one nearer to the patient's right, posterior or inferior
side (the smaller RAS coordinate), so that a flipped file gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.label_values import Labels
from vesalius.engine.runs.grid import Grid

TIE_VOXELS = 1e-3
"""Centres this near (in source voxels) to a face between two voxels lie on it: float32 affines
do not say it more exactly."""


@dataclass(frozen=True, eq=False)
class Resampled:
    """Labels on the target grid.

    Parameters
    ----------
    array : ndarray of uint8 or uint16, shape (i, j, k)
        Labels, 0 outside the source's field of view, Fortran order.
    covered_voxels : int
        Target voxels whose centre lies in the source's field of view.
    lo, hi : tuple of int, shape (3,)
        Their box, inclusive-exclusive; both zero where there is none.
    """

    array: Labels
    covered_voxels: int
    lo: tuple[int, int, int]
    hi: tuple[int, int, int]


def nearest(labels: Labels, source: Grid, target: Grid) -> Resampled:
    """Resample labels, shape `source.shape`, onto the target grid by nearest neighbour."""
    steps = _steps(source, target)
    axes = _parallel_axes(steps.linear, target.shape)
    if axes is not None:
        return _separable(labels, steps, axes, target)
    return _oblique(labels, steps, target)


@dataclass(frozen=True, eq=False)
class _Steps:
    """Source indices of target voxels: floor of a position that is linear in the target index.

    Source axes that ascend in the patient are counted from their end, so that the floor settles
    ties on every axis; `index = last + turn * floor(position)` counts them back.
    """

    origin: NDArray[np.float64]
    linear: NDArray[np.float64]
    last: NDArray[np.intp]
    turn: NDArray[np.intp]
    sizes: tuple[int, int, int]


def _steps(source: Grid, target: Grid) -> _Steps:
    directions = source.affine[:3, :3]
    dominant = np.abs(directions).argmax(axis=0)
    ascending = directions[dominant, np.arange(3)] > 0
    turn = np.where(ascending, -1, 1)
    last = np.where(ascending, np.array(source.shape) - 1, 0)
    linear = np.linalg.solve(directions, target.affine[:3, :3])
    origin = last + turn * source.to_ijk(target.affine[:3, 3]) + (0.5 + TIE_VOXELS)
    return _Steps(origin, turn[:, None] * linear, last, turn, source.shape)


def _parallel_axes(
    linear: NDArray[np.float64], shape: tuple[int, int, int]
) -> tuple[int, int, int] | None:
    """Give for each source axis the target axis it runs along, or None for oblique grids."""
    axes = np.abs(linear).argmax(axis=1)
    drift = np.abs(linear) * (np.array(shape) - 1)
    drift[np.arange(3), axes] = 0
    if sorted(axes.tolist()) != [0, 1, 2] or float(drift.sum(axis=1).max()) > TIE_VOXELS / 10:
        return None
    return int(axes[0]), int(axes[1]), int(axes[2])


def _separable(
    labels: Labels, steps: _Steps, axes: tuple[int, int, int], target: Grid
) -> Resampled:
    picks: list[NDArray[np.intp]] = [np.empty(0, np.intp)] * 3
    lo, hi = [0, 0, 0], [0, 0, 0]
    for axis, along in enumerate(axes):
        position = steps.origin[axis] + steps.linear[axis, along] * np.arange(target.shape[along])
        inside = np.flatnonzero((position >= 0) & (position < steps.sizes[axis]))
        if not inside.size:
            return _nothing(labels, target)
        lo[along], hi[along] = int(inside[0]), int(inside[-1]) + 1
        picks[along] = steps.last[axis] + steps.turn[axis] * position[inside].astype(np.intp)
    out = np.zeros(target.shape, labels.dtype, order="F")
    turned = labels.transpose([axes.index(along) for along in range(3)])
    rows, columns = np.ix_(picks[0], picks[1])
    for k, plane in zip(range(lo[2], hi[2]), picks[2].tolist(), strict=True):
        out[lo[0] : hi[0], lo[1] : hi[1], k] = turned[:, :, plane][rows, columns]
    covered = int(np.prod(np.subtract(hi, lo)))
    return Resampled(out, covered, (lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))


def _oblique(labels: Labels, steps: _Steps, target: Grid) -> Resampled:
    out = np.zeros(target.shape, labels.dtype, order="F")
    flat = labels.reshape(-1, order="F")
    strides = np.array((1, labels.shape[0], labels.shape[0] * labels.shape[1]))
    first = int(strides @ steps.last)
    strides = strides * steps.turn
    # Planes are (j, i): the first axis is the fastest in the result.
    along_i = steps.linear[:, 0, None, None] * np.arange(target.shape[0])
    along_j = steps.linear[:, 1, None, None] * np.arange(target.shape[1])[:, None]
    covered, lo, hi = 0, np.array(target.shape), np.zeros(3, int)
    for k in range(target.shape[2]):
        start = (steps.origin + steps.linear[:, 2] * k)[:, None, None]
        position = (start + along_i) + along_j
        inside = position[0] >= 0
        inside &= position[0] < steps.sizes[0]
        for axis in (1, 2):
            inside &= position[axis] >= 0
            inside &= position[axis] < steps.sizes[axis]
        if not inside.any():
            continue
        place = np.full(np.count_nonzero(inside), first, np.intp)
        for axis in range(3):
            place += strides[axis] * position[axis][inside].astype(np.intp)
        out[:, :, k].T[inside] = flat[place]
        covered += place.size
        found_j, found_i = (np.flatnonzero(inside.any(axis=a)) for a in (1, 0))
        lo = np.minimum(lo, (found_i[0], found_j[0], k))
        hi = np.maximum(hi, (found_i[-1] + 1, found_j[-1] + 1, k + 1))
    if not covered:
        return _nothing(labels, target)
    return Resampled(out, covered, triple(lo), triple(hi))


def _nothing(labels: Labels, target: Grid) -> Resampled:
    empty = np.zeros(target.shape, labels.dtype, order="F")
    return Resampled(empty, 0, (0, 0, 0), (0, 0, 0))


def triple(values: NDArray[np.integer]) -> tuple[int, int, int]:
    """Give three plain integers."""
    return int(values[0]), int(values[1]), int(values[2])
