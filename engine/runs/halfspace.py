"""Half-spaces in patient space, cut exactly out of runs for any oblique affine.

The meaning is one formula in float64, :func:`evaluate`. Each of its roundings is monotonic in
every voxel index, so along a run the inside is one stretch whose ends can be found by search
with that same formula: runs and voxels agree bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs.build import Pieces, RunCoordinates, coordinates
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap, Positions


@dataclass(frozen=True)
class HalfSpace:
    """The points where normal . xyz_mm >= offset_mm.

    Parameters
    ----------
    normal : tuple of float, shape (3,)
        Direction to the inside, in patient space (RAS+); need not be of unit length.
    offset_mm : float
        Position of the plane along the normal, times the normal's length.

    Raises
    ------
    ValueError
        If the normal is zero or a number is not finite.

    Notes
    -----
    A voxel centre exactly on the plane is inside, up to rounding, which differs between
    orientations of the array. Who wants it inside in all of them takes a micron off the offset.
    """

    normal: tuple[float, float, float]
    offset_mm: float

    def __post_init__(self) -> None:
        x, y, z = (float(c) for c in self.normal)
        object.__setattr__(self, "normal", (x, y, z))
        object.__setattr__(self, "offset_mm", float(self.offset_mm))
        if not all(map(math.isfinite, (x, y, z, self.offset_mm))) or not any((x, y, z)):
            raise ValueError("a half-space needs a finite normal that is not zero")

    def coefficients(self, grid: Grid) -> tuple[float, float, float, float]:
        """Return a, b, c, d with a i + b j + c k + d >= 0 for the voxels inside."""
        x, y, z = self.normal
        a, b, c, d = (
            x * float(grid.affine[0, column])
            + y * float(grid.affine[1, column])
            + z * float(grid.affine[2, column])
            for column in range(4)
        )
        return a, b, c, d - self.offset_mm


@dataclass(frozen=True, eq=False)
class Cut:
    """A label map cut by half-spaces.

    Parameters
    ----------
    pieces : Pieces
        The runs, cut where they leave or enter the inside.
    inside : ndarray of bool, shape (number of pieces,)
        Whether each piece is inside.
    """

    pieces: Pieces
    inside: NDArray[np.bool_]


def evaluate(
    coefficients: tuple[float, float, float, float], i: ArrayLike, j: ArrayLike, k: ArrayLike
) -> NDArray[np.float64]:
    """Return a i + b j + c k + d for voxel indices, in this order of operations.

    Parameters
    ----------
    coefficients : tuple of float
        a, b, c, d: millimetres per voxel, and millimetres.
    i, j, k : array_like of int
        Voxel indices, shapes that broadcast.

    Returns
    -------
    ndarray of float
        In mm; not below 0 is inside.
    """
    a, b, c, d = coefficients
    value = a * np.asarray(i, dtype=np.float64) + b * np.asarray(j, dtype=np.float64)
    return np.asarray(value + c * np.asarray(k, dtype=np.float64) + d)


def reflected(plane: HalfSpace, xyz_mm: ArrayLike) -> NDArray[np.float64]:
    """Return points reflected by the plane that bounds a half-space.

    Parameters
    ----------
    plane : HalfSpace
        Its normal need not be of unit length.
    xyz_mm : array_like of float, shape (..., 3)
        Points in patient space.
    """
    points = np.asarray(xyz_mm, dtype=np.float64)
    normal = np.array(plane.normal)
    beyond = (points @ normal - plane.offset_mm) / (normal @ normal)
    return np.asarray(points - 2 * beyond[..., np.newaxis] * normal)


def cut(labelmap: LabelMap, halfspaces: HalfSpace | Sequence[HalfSpace]) -> Cut:
    """Cut runs so that each piece is inside or outside.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    halfspaces : HalfSpace or sequence of HalfSpace
        Inside means inside all of them; with none, everything is.

    Returns
    -------
    Cut
        Pieces in the order of the runs, at most three of each.
    """
    begin, end = inside_range(labelmap, halfspaces)
    start, stop, inside = labelmap.start, labelmap.stop, end > begin
    # Most runs stay whole: only the others are put together anew.
    parted = np.flatnonzero(inside & (end - begin < stop - start))
    if not parted.size:
        return Cut(Pieces(labelmap, start, stop, np.arange(len(labelmap))), inside)
    bounds = np.stack((start[parted], begin[parted], end[parted], stop[parted]), axis=1)
    kept = bounds[:, 1:] > bounds[:, :3]
    count = np.ones(len(labelmap), dtype=np.intp)
    count[parted] = kept.sum(axis=1)
    run = np.repeat(np.arange(len(labelmap)), count)
    first = np.cumsum(count)[parted] - count[parted]
    rows = (first[:, np.newaxis] + np.cumsum(kept, axis=1) - 1)[kept]
    starts, stops, insides = start[run], stop[run], inside[run]
    starts[rows], stops[rows] = bounds[:, :3][kept], bounds[:, 1:][kept]
    insides[rows] = np.nonzero(kept)[1] == 1
    return Cut(Pieces(labelmap, starts, stops, run), insides)


def may_reach(
    grid: Grid,
    lo: NDArray[np.int64],
    hi: NDArray[np.int64],
    halfspaces: Sequence[HalfSpace],
) -> bool:
    """Tell whether voxels of a box may be inside all half-spaces; if not, surely none is.

    Parameters
    ----------
    grid : Grid
        The grid.
    lo, hi : ndarray of int64, shape (3,)
        Smallest voxel indices i, j, k of the box, and one more than the largest.
    halfspaces : sequence of HalfSpace
        The half-spaces.
    """
    for plane in halfspaces:
        coefficients = plane.coefficients(grid)
        # The value grows or falls along each axis, so one corner has the largest.
        corner = np.where(np.array(coefficients[:3]) > 0, hi - 1, lo)
        if evaluate(coefficients, *corner) < 0:
            return False
    return True


def heights_mm(
    labelmap: LabelMap, direction: tuple[float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far each run lies along a direction, at its lower and at its higher end.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    direction : tuple of float, shape (3,)
        Patient direction (RAS+); heights are in units of its length.
    """
    coefficients = HalfSpace(direction, 0.0).coefficients(labelmap.grid)
    where = coordinates(labelmap)
    fast, middle, slow = labelmap.axes
    ijk: list[Positions] = [where.begin] * 3
    ijk[middle], ijk[slow] = where.middle, where.slow
    first = evaluate(coefficients, *ijk)
    ijk[fast] = where.end - 1
    last = evaluate(coefficients, *ijk)
    return np.minimum(first, last), np.maximum(first, last)


def inside_voxels(
    labelmap: LabelMap, halfspaces: HalfSpace | Sequence[HalfSpace]
) -> NDArray[np.int64]:
    """Count the voxels of each run that are inside all half-spaces, shape (n,)."""
    begin, end = inside_range(labelmap, halfspaces)
    return (end - begin).astype(np.int64)


def inside_range(
    labelmap: LabelMap, halfspaces: HalfSpace | Sequence[HalfSpace]
) -> tuple[Positions, Positions]:
    """Find the stretch of each run that is inside all half-spaces.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    halfspaces : HalfSpace or sequence of HalfSpace
        Inside means inside all of them; with none, everything is.

    Returns
    -------
    begin, end : ndarray of int32 or int64, shape (n,)
        Flat positions within the run; both its start where nothing of it is inside.
    """
    planes = (halfspaces,) if isinstance(halfspaces, HalfSpace) else tuple(halfspaces)
    where = coordinates(labelmap)
    lo, hi = where.begin, where.end
    for plane in planes:
        first, last = _stretch(labelmap, where, plane)
        lo, hi = np.maximum(lo, first), np.minimum(hi, last)
    hidden = hi <= lo
    begin = labelmap.start + np.where(hidden, 0, lo - where.begin).astype(labelmap.start.dtype)
    end = labelmap.start + np.where(hidden, 0, hi - where.begin).astype(labelmap.start.dtype)
    return begin, end


def _stretch(
    labelmap: LabelMap, where: RunCoordinates, plane: HalfSpace
) -> tuple[Positions, Positions]:
    """Return begin and end of the inside of each run, as indices along the fastest axis."""
    coefficients = plane.coefficients(labelmap.grid)
    fast = labelmap.axes[0]
    first, last = where.begin, where.end
    low = _is_inside(labelmap, coefficients, where, None, first)
    high = _is_inside(labelmap, coefficients, where, None, last - 1)
    # Where both ends are inside, so is the run; where neither is, it is outside.
    begin = np.where(low | high, first, last)
    end = last.copy()
    crossed = np.flatnonzero(low != high)
    if crossed.size:
        # Along the axis the value rises or falls in all runs alike.
        rises = coefficients[fast] > 0
        change = _first_change(labelmap, coefficients, where, crossed, rises)
        (begin if rises else end)[crossed] = change
    return begin, end


def _first_change(
    labelmap: LabelMap,
    coefficients: tuple[float, float, float, float],
    where: RunCoordinates,
    run: NDArray[np.intp],
    rises: bool,
) -> Positions:
    """Find the first index of each crossed run whose side is not that of the run's begin."""
    # `before` is always on the first voxel's side, `after` always on the last one's.
    before, after = where.begin[run], where.end[run] - 1
    while np.any(after - before > 1):
        middle = before + (after - before) // 2
        changed = _is_inside(labelmap, coefficients, where, run, middle) == rises
        after = np.where(changed, middle, after)
        before = np.where(changed, before, middle)
    return after


def _is_inside(
    labelmap: LabelMap,
    coefficients: tuple[float, float, float, float],
    where: RunCoordinates,
    run: NDArray[np.intp] | None,
    index: Positions,
) -> NDArray[np.bool_]:
    """Evaluate the voxels at `index` along the fastest axis, of all runs or some."""
    ijk: list[Positions] = [index, index, index]
    ijk[labelmap.axes[1]] = where.middle if run is None else where.middle[run]
    ijk[labelmap.axes[2]] = where.slow if run is None else where.slow[run]
    return np.asarray(evaluate(coefficients, *ijk) >= 0)
