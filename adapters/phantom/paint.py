"""Painting steps onto a grid: a voxel belongs to a solid where its centre does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.phantom.build import Step
from vesalius.adapters.phantom.shapes import Floats, Solid
from vesalius.engine.grid import Grid

Slices = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class Canvas:
    """A grid whose voxel centres are read in the description's own, unscaled frame."""

    grid: Grid
    scale: Floats

    def window(self, solid: Solid) -> Slices | None:
        """Give the voxels around a solid; None where it lies outside of the grid."""
        low, high = solid.bounds()
        corners = np.array(np.meshgrid(*np.stack([low, high]).T)).reshape(3, -1).T
        ijk = self.grid.to_ijk(corners * self.scale)
        first = np.maximum(np.floor(ijk.min(axis=0)).astype(int), 0)
        last = np.minimum(np.ceil(ijk.max(axis=0)).astype(int) + 1, self.grid.shape)
        if np.any(first >= last):
            return None
        i, j, k = (slice(int(a), int(b)) for a, b in zip(first, last, strict=True))
        return i, j, k

    def centres(self, window: Slices) -> tuple[Floats, Floats, Floats]:
        """Give x, y, z of the voxel centres of a window, as arrays that broadcast."""
        matrix, origin = self.grid.affine[:3, :3], self.grid.affine[:3, 3]
        index = [
            np.arange(s.start, s.stop, dtype=np.float64).reshape(np.roll((-1, 1, 1), axis))
            for axis, s in enumerate(window)
        ]
        found = []
        for row, start, scale in zip(matrix, origin, self.scale, strict=True):
            # Axes that do not move along this direction stay out, so the array stays thin.
            value: Floats = np.full((1, 1, 1), start)
            for step, along in zip(row, index, strict=True):
                if step != 0.0:
                    value = value + step * along
            found.append(value / scale)
        return found[0], found[1], found[2]


def paint(grid: Grid, steps: Sequence[Step], scale: Floats) -> NDArray[np.uint16]:
    """Paint the steps one after the other.

    Parameters
    ----------
    grid : Grid
        Where to paint; any orientation, oblique too.
    steps : sequence of Step
        In painting order.
    scale : ndarray, shape (3,)
        How much larger the patient is than the description, along x, y and z.

    Returns
    -------
    ndarray of uint16, shape grid.shape
        The number of the last step that painted a voxel, counting from 1; 0 is air.
    """
    canvas = Canvas(grid, scale)
    painted = np.zeros(grid.shape, dtype=np.uint16)
    structure_of = ["", *(step.structure for step in steps)]
    for number, step in enumerate(steps, start=1):
        free = _free(step, structure_of)
        for solid in step.solids:
            window = canvas.window(solid)
            if window is None:
                continue
            mask = np.broadcast_to(
                solid.inside(*canvas.centres(window)), tuple(s.stop - s.start for s in window)
            )
            view = painted[window]
            if free is not None:
                mask = mask & free[view]
            np.copyto(view, np.uint16(number), where=mask)
    return painted


def _free(step: Step, structure_of: Sequence[str]) -> NDArray[np.bool_] | None:
    """Say for each step's number whether this step may paint over it; None means all."""
    if not step.over and not step.spare:
        return None
    return np.array(
        [(not step.over or name in step.over) and name not in step.spare for name in structure_of]
    )
