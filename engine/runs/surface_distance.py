"""How far the surface of each label lies from that of the same label in another map.

Most corners of two surfaces that are compared lie a few voxels apart. Those are found by their
steps on the lattice, the nearest step first, for all labels in one pass; only the few that are
further away are looked for among points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.apart import away_mm
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import Axes
from vesalius.engine.runs.surface import Surfaces

if TYPE_CHECKING:
    from types import ModuleType

_REACH = 3
"""How many steps along each axis are tried."""


@dataclass(frozen=True, eq=False)
class SurfaceDistances:
    """Distances of the corners of each label from the other surface of that label, counted.

    Parameters
    ----------
    step_mm : ndarray of float64, shape (steps,)
        Distances on the lattice, ascending.
    counts : ndarray of int64, shape (labels, steps, kinds)
        Corners by label, distance and kind.
    far_label, far_kind : ndarray of int, shape (n,)
        Label and kind of each corner that is further away.
    far_mm : ndarray of float64, shape (n,)
        Its distance; infinite where the other map does not have the label.
    """

    step_mm: NDArray[np.float64]
    counts: NDArray[np.int64]
    far_label: NDArray[np.intp]
    far_kind: NDArray[np.uint8]
    far_mm: NDArray[np.float64]

    def of(
        self, label: int, weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the distances that occur and the weight of the corners that are so far away.

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
        counts = self.counts[label]
        near = np.flatnonzero(counts.any(axis=1))
        far = np.flatnonzero(self.far_label == label)
        far = far[np.lexsort((self.far_kind[far], self.far_mm[far]))]
        return (
            np.concatenate((self.step_mm[near], self.far_mm[far])),
            np.concatenate((counts[near] @ weight, weight[self.far_kind[far]])),
        )


def surface_distances(
    here: Surfaces, there: Surfaces, grid: Grid, kind_of_code: NDArray[np.uint8]
) -> SurfaceDistances:
    """Find how far each corner of each label is from the surface of the same label.

    Parameters
    ----------
    here, there : Surfaces
        Of two maps on one grid with the same axes, of equally many labels.
    grid : Grid
        What a step is in millimetres.
    kind_of_code : ndarray of uint8, shape (256,)
        Which of few kinds a corner with each code is of; kinds are counted apart.
    """
    steps, step_mm = _near_steps(grid, here.axes)
    labels, kinds = here.begin.size - 1, int(kind_of_code.max()) + 1
    given = here, there, steps, kind_of_code, kinds
    if kernels.compiled is None:
        counts, far = _by_numpy(*given)
    else:
        counts, far = _compiled(kernels.compiled, *given)
    far_label = np.searchsorted(here.begin, far, side="right") - 1
    return SurfaceDistances(
        step_mm,
        counts.reshape(labels, step_mm.size, kinds),
        far_label,
        kind_of_code[here.code[far]],
        _far_mm(here, there, grid, far, far_label),
    )


def _compiled(
    compiled: ModuleType,
    here: Surfaces,
    there: Surfaces,
    steps: NDArray[np.int64],
    kind_of_code: NDArray[np.uint8],
    kinds: int,
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Count corners by the first step that leads to the other surface; list those with none."""
    counts = np.empty((here.begin.size - 1) * len(steps) * kinds, dtype=np.int64)
    far = np.empty(len(here), dtype=np.uint8)
    compiled.first_steps(
        here.place.reshape(-1), here.code, here.begin, there.place.reshape(-1), there.begin,
        kind_of_code, steps.reshape(-1), kinds, counts, far,
    )  # fmt: skip
    return counts, np.flatnonzero(far)


def _by_numpy(
    here: Surfaces,
    there: Surfaces,
    steps: NDArray[np.int64],
    kind_of_code: NDArray[np.uint8],
    kinds: int,
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    labels = here.begin.size - 1
    counts = np.zeros((labels, len(steps) * kinds), dtype=np.int64)
    far = [np.empty(0, dtype=np.intp)]
    for label in range(labels):
        mine = here.of(label)
        left = np.arange(mine.start, mine.stop)
        theirs = there.place[there.of(label)].astype(np.int64)
        if len(theirs) and left.size:
            found = _first_step(here.place[mine].astype(np.int64), theirs, steps)
            near = found < len(steps)
            key = found[near] * kinds + kind_of_code[here.code[mine][near]]
            counts[label] = np.bincount(key, minlength=len(steps) * kinds)
            left = left[~near]
        far.append(left)
    return counts.reshape(-1), np.concatenate(far)


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


def _far_mm(
    here: Surfaces,
    there: Surfaces,
    grid: Grid,
    far: NDArray[np.intp],
    far_label: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Look up the corners that no step leads from."""
    found = np.full(far.size, np.inf)
    matrix = grid.affine[:3, list(here.axes)].T
    for label in distinct(far_label).tolist():
        own = np.flatnonzero(far_label == label)
        theirs = there.place[there.of(label)]
        if len(theirs):
            found[own] = away_mm(theirs @ matrix, here.place[far[own]] @ matrix)
    return found
