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
from vesalius.engine.grid import Grid

TIE_VOXELS = 1e-3
"""Centres this near (in source voxels) to a face between two voxels lie on it: float32 affines
do not say it more exactly."""

_Index = NDArray[np.intp]


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
    linear = np.asarray(np.linalg.solve(source.affine[:3, :3], target.affine[:3, :3]), np.float64)
    origin = source.to_ijk(target.affine[:3, 3])
    rounding = _Rounding(source)
    axes = _parallel_axes(linear, target.shape)
    if axes is not None:
        return _separable(
            labels, linear=linear, origin=origin, axes=axes, rounding=rounding, target=target
        )
    return _oblique(labels, linear, origin, rounding, target)


class _Rounding:
    """Nearest source index of a fractional one; -1 outside."""

    def __init__(self, source: Grid) -> None:
        self._sizes = source.shape
        directions = source.affine[:3, :3]
        dominant = np.abs(directions).argmax(axis=0)
        self._up_is_larger = directions[dominant, np.arange(3)] > 0

    def index(self, axis: int, position: NDArray[np.float64]) -> _Index:
        """Round positions along a source axis, any shape."""
        if self._up_is_larger[axis]:
            rounded = np.ceil(position - (0.5 + TIE_VOXELS))
        else:
            rounded = np.floor(position + (0.5 + TIE_VOXELS))
        # Far positions could overflow the integer; all of them are outside.
        inside = (rounded >= 0) & (rounded < self._sizes[axis])
        return np.where(inside, rounded, -1).astype(np.intp)


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
    labels: Labels,
    *,
    linear: NDArray[np.float64],
    origin: NDArray[np.float64],
    axes: tuple[int, int, int],
    rounding: _Rounding,
    target: Grid,
) -> Resampled:
    picks: list[_Index] = [np.empty(0, np.intp)] * 3
    lo, hi = [0, 0, 0], [0, 0, 0]
    for axis, along in enumerate(axes):
        steps = np.arange(target.shape[along])
        index = rounding.index(axis, origin[axis] + linear[axis, along] * steps)
        inside = np.flatnonzero(index >= 0)
        if not inside.size:
            return _nothing(labels, target)
        lo[along], hi[along] = int(inside[0]), int(inside[-1]) + 1
        picks[along] = index[inside[0] : inside[-1] + 1]
    out = np.zeros(target.shape, labels.dtype, order="F")
    turned = labels.transpose([axes.index(along) for along in range(3)])
    rows, columns = np.ix_(picks[0], picks[1])
    for k, plane in zip(range(lo[2], hi[2]), picks[2].tolist(), strict=True):
        out[lo[0] : hi[0], lo[1] : hi[1], k] = turned[:, :, plane][rows, columns]
    covered = int(np.prod(np.subtract(hi, lo)))
    return Resampled(out, covered, (lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))


def _oblique(
    labels: Labels,
    linear: NDArray[np.float64],
    origin: NDArray[np.float64],
    rounding: _Rounding,
    target: Grid,
) -> Resampled:
    out = np.zeros(target.shape, labels.dtype, order="F")
    flat = labels.reshape(-1, order="F")
    stride = (1, labels.shape[0], labels.shape[0] * labels.shape[1])
    steps_i, steps_j = np.arange(target.shape[0]), np.arange(target.shape[1])
    covered, lo, hi = 0, np.array(target.shape), np.zeros(3, int)
    for k in range(target.shape[2]):
        # Planes are (j, i): the first axis is the fastest in the result.
        inside = np.ones((target.shape[1], target.shape[0]), bool)
        place = np.zeros(inside.shape, np.intp)
        for axis in range(3):
            start = origin[axis] + linear[axis, 2] * k
            along_i = start + linear[axis, 0] * steps_i
            index = rounding.index(axis, along_i + linear[axis, 1] * steps_j[:, None])
            inside &= index >= 0
            place += index * stride[axis]
        out[:, :, k].T[inside] = flat[place[inside]]
        if inside.any():
            covered += int(np.count_nonzero(inside))
            found_j, found_i = (np.flatnonzero(inside.any(axis=a)) for a in (1, 0))
            lo = np.minimum(lo, (found_i[0], found_j[0], k))
            hi = np.maximum(hi, (found_i[-1] + 1, found_j[-1] + 1, k + 1))
    if not covered:
        return _nothing(labels, target)
    return Resampled(out, covered, _triple(lo), _triple(hi))


def _nothing(labels: Labels, target: Grid) -> Resampled:
    empty = np.zeros(target.shape, labels.dtype, order="F")
    return Resampled(empty, 0, (0, 0, 0), (0, 0, 0))


def _triple(values: NDArray[np.integer]) -> tuple[int, int, int]:
    return int(values[0]), int(values[1]), int(values[2])
