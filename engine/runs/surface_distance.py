"""How far the surface of each label lies from that of the same label in another map.

Most corners of two surfaces that are compared lie a few voxels apart. Those are found by their
steps on the lattice, the nearest step first, label by label; only the few that are further away
are looked for among points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.apart import away_mm
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import Axes, LabelMap
from vesalius.engine.runs.surface import Surfaces, surfaces
from vesalius.engine.runs.sweeps import check_same_shape

if TYPE_CHECKING:
    from types import ModuleType

_REACH = 3
"""How many steps along each axis are tried."""


@dataclass(frozen=True, eq=False)
class Corners:
    """Corners of some labels, label after label.

    Parameters
    ----------
    place : ndarray of int32, shape (n, 3)
        Along the fast, the middle and the slow axis.
    label : ndarray of uint16, shape (n,)
    code : ndarray of uint8, shape (n,)
        As in `Surfaces`.
    """

    place: NDArray[np.int32]
    label: NDArray[np.uint16]
    code: NDArray[np.uint8]

    def of(self, label: int) -> slice:
        """Return where the corners of a label are."""
        first, last = self._ends
        return slice(first[label], last[label]) if label < len(first) else slice(0, 0)

    @cached_property
    def _ends(self) -> tuple[list[int], list[int]]:
        """Where the corners of each label up to the largest begin and end."""
        # Of the column's own type, so that the column is not converted.
        labels = np.arange(int(self.label[-1]) + 1 if self.label.size else 0, dtype=np.uint16)
        return (
            self.label.searchsorted(labels, "left").tolist(),
            self.label.searchsorted(labels, "right").tolist(),
        )


@dataclass(frozen=True, eq=False)
class SurfaceDistances:
    """Distances of the corners of each label from the other surface of that label, counted.

    Labels that one of the maps lacks are left out.

    Parameters
    ----------
    step_mm : ndarray of float64, shape (steps,)
        Distances on the lattice, ascending.
    counts : ndarray of int64, shape (labels, steps, kinds)
        Corners by label, distance and kind.
    far : Corners
        Those that are further away.
    far_kind : ndarray of uint8, shape (n,)
        Kind of each of them.
    far_mm : ndarray of float64, shape (n,)
        Its distance.
    """

    step_mm: NDArray[np.float64]
    counts: NDArray[np.int64]
    far: Corners
    far_kind: NDArray[np.uint8]
    far_mm: NDArray[np.float64]

    def of(
        self, label: int, weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the distances at which something weighs, and the weight of the corners there.

        Parameters
        ----------
        label : int
            The label.
        weight : ndarray of float64, shape (kinds,)
            Weight of a corner by its kind.

        Returns
        -------
        mm, weights : ndarray of float64, shape (n,)
            Distances, ascending.
        """
        weights = self.counts[label] @ weight
        near = np.flatnonzero(weights)
        step_mm, weights = self.step_mm[near], weights[near]
        far = self.far.of(label)
        if far.start == far.stop:
            return step_mm, weights
        mm, kind = self.far_mm[far], self.far_kind[far]
        order = np.lexsort((kind, mm))
        return (
            np.concatenate((step_mm, mm[order])),
            np.concatenate((weights, weight[kind[order]])),
        )


def surface_distances(
    one: LabelMap, other: LabelMap, kind_of_code: NDArray[np.uint8]
) -> tuple[SurfaceDistances, SurfaceDistances]:
    """Find how far each corner of each label is from the surface of the same label.

    Parameters
    ----------
    one, other : LabelMap
        On one grid, with the same axes.
    kind_of_code : ndarray of uint8, shape (256,)
        Which of few kinds a corner with each code is of; kinds are counted apart.

    Returns
    -------
    tuple of SurfaceDistances
        From the first map to the second, and back.

    Raises
    ------
    ValueError
        If shapes or axes differ.
    """
    check_same_shape([one, other])
    steps, step_mm = _near_steps(one.grid, one.axes)
    labels = max(one.largest, other.largest) + 1
    kinds = int(kind_of_code.max()) + 1
    if kernels.compiled is None:
        found = _by_numpy(one, other, labels, steps, kind_of_code, kinds)
    else:
        found = _compiled(kernels.compiled, one, other, labels, steps, kind_of_code, kinds)
    first, second = (
        SurfaceDistances(
            step_mm,
            counts.reshape(labels, step_mm.size, kinds),
            far,
            kind_of_code[far.code],
            _far_mm(far, there, one.grid, one.axes),
        )
        for counts, far, there in found
    )
    return first, second


_Found = tuple[NDArray[np.int64], Corners, Corners]
"""Counts, corners that no step leads from, and the other surface of their labels."""


def _compiled(
    compiled: ModuleType,
    one: LabelMap,
    other: LabelMap,
    labels: int,
    steps: NDArray[np.int64],
    kind_of_code: NDArray[np.uint8],
    kinds: int,
) -> list[_Found]:
    counts = [np.empty(labels * len(steps) * kinds, dtype=np.int64) for _ in range(2)]
    runs = ((each.start, each.stop, each.label) for each in (one, other))
    found = compiled.surface_steps(
        *runs, one.shape_in_memory, labels, kind_of_code, steps.reshape(-1), kinds, *counts
    )
    sides = [[_listed(*columns) for columns in side] for side in found]
    # What is near in one map is what is far from in the other.
    return [(counts[0], sides[0][0], sides[1][1]), (counts[1], sides[1][0], sides[0][1])]


def _listed(place: bytes, label: bytes, code: bytes) -> Corners:
    return Corners(
        np.frombuffer(place, dtype=np.int32).reshape(-1, 3),
        np.frombuffer(label, dtype=np.uint16),
        np.frombuffer(code, dtype=np.uint8),
    )


def _by_numpy(
    one: LabelMap,
    other: LabelMap,
    labels: int,
    steps: NDArray[np.int64],
    kind_of_code: NDArray[np.uint8],
    kinds: int,
) -> list[_Found]:
    sides = surfaces(one, labels), surfaces(other, labels)
    return [
        _first_steps(here, there, steps, kind_of_code, kinds)
        for here, there in (sides, sides[::-1])
    ]


def _first_steps(
    here: Surfaces,
    there: Surfaces,
    steps: NDArray[np.int64],
    kind_of_code: NDArray[np.uint8],
    kinds: int,
) -> _Found:
    """Count corners by the first step that leads to the other surface; list those with none."""
    labels = here.begin.size - 1
    counts = np.zeros((labels, len(steps) * kinds), dtype=np.int64)
    far = [np.empty(0, dtype=np.intp)]
    for label in range(labels):
        mine = here.of(label)
        theirs = there.place[there.of(label)].astype(np.int64)
        if len(theirs) and mine.stop > mine.start:
            found = _first_step(here.place[mine].astype(np.int64), theirs, steps)
            near = found < len(steps)
            key = found[near] * kinds + kind_of_code[here.code[mine][near]]
            counts[label] = np.bincount(key, minlength=len(steps) * kinds)
            far.append(np.arange(mine.start, mine.stop)[~near])
    return counts.reshape(-1), _corners(here, np.concatenate(far)), _corners(there)


def _corners(found: Surfaces, chosen: NDArray[np.intp] | None = None) -> Corners:
    chosen = np.arange(len(found)) if chosen is None else chosen
    label = np.searchsorted(found.begin, chosen, side="right") - 1
    return Corners(found.place[chosen], label.astype(np.uint16), found.code[chosen])


def _first_step(
    mine: NDArray[np.int64], theirs: NDArray[np.int64], steps: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Give the number of the first step that leads to one of theirs; that of steps for none."""
    low, high = theirs.min(axis=0) - _REACH, theirs.max(axis=0) + _REACH
    # A margin, so that no step leads out of the array.
    shape = high - low + 1 + 2 * _REACH
    stride = np.array([1, shape[0], shape[0] * shape[1]], dtype=np.int64)
    taken = np.zeros(int(shape.prod()), dtype=bool)
    taken[(theirs - low + _REACH) @ stride] = True
    found = np.full(len(mine), len(steps), dtype=np.intp)
    left = np.flatnonzero(((mine >= low) & (mine <= high)).all(axis=1))
    place = (mine - low + _REACH) @ stride
    for number, step in enumerate(steps @ stride):
        met = taken[place[left] + step]
        found[left[met]] = number
        left = left[~met]
        if not left.size:
            break
    return found


def _near_steps(grid: Grid, axes: Axes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List the steps to all lattice points nearer than any point that is further than the reach.

    Returns
    -------
    steps : ndarray of int64, shape (steps, 3)
        Along the fast, the middle and the slow axis, the shortest first.
    step_mm : ndarray of float64, shape (steps,)
    """
    cube = np.arange(-_REACH, _REACH + 1)
    steps = np.stack(np.meshgrid(cube, cube, cube, indexing="ij"), axis=-1).reshape(-1, 3)
    matrix = grid.affine[:3, :3]
    step_mm = np.linalg.norm(steps @ matrix.T, axis=1)
    # Planes of the lattice, one step of an axis apart, are so far from each other.
    apart = 1 / np.linalg.norm(np.linalg.inv(matrix), axis=1)
    near = np.flatnonzero(step_mm < (_REACH + 1) * apart.min())
    order = near[np.argsort(step_mm[near], kind="stable")]
    return np.ascontiguousarray(steps[order][:, axes], dtype=np.int64), step_mm[order]


def _far_mm(far: Corners, there: Corners, grid: Grid, axes: Axes) -> NDArray[np.float64]:
    """Look up the corners that no step leads from."""
    found = np.empty(far.label.size)
    matrix = grid.affine[:3, list(axes)].T
    for label in distinct(far.label).tolist():
        own = far.of(label)
        found[own] = away_mm(there.place[there.of(label)] @ matrix, far.place[own] @ matrix)
    return found
