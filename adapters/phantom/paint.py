"""Painting steps onto a grid: a voxel belongs to a solid where its centre does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.phantom.build import Step
from vesalius.adapters.phantom.shapes import Floats, Solid
from vesalius.engine.runs.grid import Grid

Slices = tuple[slice, slice, slice]


class Canvas:
    """The voxel centres of a grid, read in the description's own, unscaled frame.

    Parameters
    ----------
    grid : Grid
        Any orientation, oblique too.
    scale : ndarray, shape (3,)
        How much larger the patient is than the description, along x, y and z.
    """

    def __init__(self, grid: Grid, scale: Floats) -> None:
        self.shape = grid.shape
        matrix = grid.affine[:3, :3] / scale[:, None]
        self._origin = grid.affine[:3, 3] / scale
        self._inverse = np.linalg.inv(matrix)
        # What each array axis adds to x, y and z; None where it adds nothing, so that the
        # coordinates of an axis-aligned grid stay thin arrays.
        self._terms: list[list[Floats | None]] = []
        for row in matrix:
            along: list[Floats | None] = []
            for axis, (step, count) in enumerate(zip(row, grid.shape, strict=True)):
                thin = [1, 1, 1]
                thin[axis] = count
                along.append(step * np.arange(count).reshape(thin) if step != 0.0 else None)
            self._terms.append(along)

    def window(self, solid: Solid) -> Slices | None:
        """Give the voxels around a solid; None where it lies outside of the grid."""
        low, high = solid.bounds()
        centre = self._inverse @ ((low + high) / 2 - self._origin)
        half = np.abs(self._inverse) @ ((high - low) / 2)
        found = []
        for middle, reach, count in zip(centre, half, self.shape, strict=True):
            # A thousandth more on each side keeps a voxel that touches the box.
            first = max(math.ceil(middle - reach - 1e-3), 0)
            last = min(math.floor(middle + reach + 1e-3) + 1, count)
            if first >= last:
                return None
            found.append(slice(first, last))
        return found[0], found[1], found[2]

    def centres(self, window: Slices) -> tuple[Floats, Floats, Floats]:
        """Give x, y, z of the voxel centres of a window, as arrays that broadcast."""
        found = []
        for start, along in zip(self._origin, self._terms, strict=True):
            value: Floats = np.full((1, 1, 1), start)
            for axis, term in enumerate(along):
                if term is not None:
                    cut = [slice(None)] * 3
                    cut[axis] = window[axis]
                    value = value + term[tuple(cut)]
            found.append(value)
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
            mask = solid.inside(*canvas.centres(window))
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
