"""The geometry of a voxel grid, without voxels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Grid:
    """Shape and affine of a volume.

    Parameters
    ----------
    shape : tuple of int, shape (3,)
        Number of voxels along the array axes i, j, k.
    affine : array_like of float, shape (4, 4)
        Maps voxel index (i, j, k, 1) to patient position in millimetres, RAS+.

    Raises
    ------
    ValueError
        If the shape has an empty axis or the affine is not finite and invertible.
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]

    def __post_init__(self) -> None:
        shape = tuple(int(n) for n in self.shape)
        affine = np.array(self.affine, dtype=np.float64)
        if len(shape) != 3 or min(shape) < 1:
            raise ValueError(f"a grid needs three positive axes, not {shape}")
        if affine.shape != (4, 4) or not np.isfinite(affine).all():
            raise ValueError("the affine is not a finite 4 x 4 matrix")
        if _is_singular(*affine[:3, :3].T.tolist()):
            raise ValueError("the affine is singular")
        affine.setflags(write=False)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "affine", affine)

    @property
    def size(self) -> int:
        """Number of voxels."""
        return self.shape[0] * self.shape[1] * self.shape[2]

    @cached_property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance in mm between neighbouring voxel centres along i, j, k."""
        i, j, k = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(i), float(j), float(k)

    @cached_property
    def voxel_ml(self) -> float:
        """Volume of one voxel in millilitres (by the determinant, so shear counts)."""
        return float(abs(np.linalg.det(self.affine[:3, :3]))) / 1000.0

    @cached_property
    def _plane_spacing_mm(self) -> NDArray[np.float64]:
        """What `plane_spacing_mm` gives."""
        found = np.asarray(1.0 / np.linalg.norm(np.linalg.inv(self.affine[:3, :3]), axis=1))
        found.setflags(write=False)
        return found

    @cached_property
    def _ends(self) -> dict[tuple[float, float, float], NDArray[np.bool_]]:
        """What `end_faces` has found, by direction: many rules ask for few directions."""
        return {}

    def to_mm(self, ijk: ArrayLike) -> NDArray[np.float64]:
        """Map voxel indices, shape (..., 3), to patient positions in mm, RAS+."""
        points = np.asarray(ijk, dtype=np.float64)
        return np.asarray(points @ self.affine[:3, :3].T + self.affine[:3, 3])

    def to_ijk(self, xyz_mm: ArrayLike) -> NDArray[np.float64]:
        """Map patient positions in mm, shape (..., 3), to (fractional) voxel indices."""
        points = np.asarray(xyz_mm, dtype=np.float64) - self.affine[:3, 3]
        return np.asarray(points @ np.linalg.inv(self.affine[:3, :3]).T)

    def same_as(self, other: Grid) -> bool:
        """Tell whether another grid has the same shape and the same affine, to the last bit."""
        if self is other:
            return True
        return self.shape == other.shape and np.array_equal(self.affine, other.affine)

    def offset_mm(self, other: Grid) -> float:
        """Largest distance in mm between the same corner voxels of two grids of one shape.

        Returns infinity where the shapes differ.
        """
        if self.same_as(other):
            return 0.0
        if self.shape != other.shape:
            return float("inf")
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.shape])).reshape(3, -1).T
        return float(np.linalg.norm(self.to_mm(corners) - other.to_mm(corners), axis=1).max())


def _is_singular(i: list[float], j: list[float], k: list[float]) -> bool:
    """Tell whether two axes coincide, or one is nothing."""
    scale = math.hypot(*i) * math.hypot(*j) * math.hypot(*k)
    volume = (
        i[0] * (j[1] * k[2] - j[2] * k[1])
        + i[1] * (j[2] * k[0] - j[0] * k[2])
        + i[2] * (j[0] * k[1] - j[1] * k[0])
    )
    return scale == 0 or abs(volume) < 1e-6 * scale


def plane_spacing_mm(grid: Grid) -> NDArray[np.float64]:
    """Return the distance in mm between neighbouring voxel planes along i, j, k, shape (3,).

    It is the spacing where the axes are perpendicular, and less where they are not.
    """
    return grid._plane_spacing_mm


LATERAL = 0.7071
"""Cosine of 45 degrees, a trifle less."""


AT_AN_END = 0.5
"""Cosine of 60 degrees: any direction is so near to one axis of an array without shear."""


def end_faces(grid: Grid, direction: tuple[float, float, float]) -> NDArray[np.bool_]:
    """Tell which faces of a grid lie at its end in a direction, shape (3, 2).

    Those whose outward normal is within 60 degrees of it: axis i, j, k by low, high.
    """
    known = grid._ends.get(direction)
    if known is not None:
        return known
    normals = np.linalg.inv(grid.affine[:3, :3])
    toward = normals @ np.array(direction) / np.linalg.norm(normals, axis=1)
    toward = np.round(toward / np.linalg.norm(direction), 6)
    found = np.stack((-toward >= AT_AN_END, toward >= AT_AN_END), axis=1)
    found.setflags(write=False)
    return grid._ends.setdefault(direction, found)


def lateral_axes(grid: Grid, toward: tuple[float, float, float]) -> NDArray[np.bool_]:
    """Tell which array axes have their end faces on the sides of a plane, shape (3,).

    Those whose planes of voxels are within 45 degrees of the one that faces `toward`.
    """
    normals = np.linalg.inv(grid.affine[:3, :3])
    across = normals @ np.array(toward) / np.linalg.norm(normals, axis=1)
    across /= np.linalg.norm(toward)
    return np.asarray(np.round(np.abs(across), 6) >= LATERAL)
