"""Slices of a volume as radiologists see them, coloured, as PNG."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.label_tables import LabelRow, with_colours
from vesalius.engine.runs.grid import Grid

Slab = tuple[slice, slice, slice]
Ijk = tuple[int, int, int]

PLANES = ("coronal", "sagittal", "axial")
SIDES = {"coronal": ("R", "L"), "sagittal": ("A", "P"), "axial": ("R", "L")}
"""What lies at the left and right edge of the picture of each plane."""
WINDOW_HU = (-250.0, 450.0)
OPACITY = 0.6
PALE = 0.25
"""Of the opacity, where changes are marked over it."""
CHANGED_RGB = (255, 0, 200)
FILLED_RGB = (0, 190, 255)
"""Marks: a voxel that had another structure, and one that had none."""
_ACROSS = {"sagittal": 0, "coronal": 1, "axial": 2}  # patient axis that a plane is crossed by


@dataclass(frozen=True)
class Place:
    """Where a position lies in the picture of a plane, in percent from its left and top."""

    left: float
    top: float


@dataclass(frozen=True, eq=False)
class PatientView:
    """How the array of a grid is turned to the patient.

    Parameters
    ----------
    grid : Grid
        Of the volumes that are shown. Of an oblique one every plane is the nearest plane of
        voxels.
    """

    grid: Grid

    @cached_property
    def _turn(self) -> NDArray[np.float64]:
        return np.asarray(nib.orientations.io_orientation(self.grid.affine))  # type: ignore[no-untyped-call]

    def _array_axis(self, plane: str) -> int:
        return int(np.flatnonzero(self._turn[:, 0] == _ACROSS[plane])[0])

    def cut(self, values: Callable[[Slab], NDArray[Any]], plane: str, ijk: Ijk) -> NDArray[Any]:
        """Cut a plane of voxels through a voxel.

        Parameters
        ----------
        values : callable
            Gives the values of a box of voxels, in index order.
        plane : str
            One of `PLANES`.
        ijk : tuple of int
            The voxel.

        Returns
        -------
        ndarray, shape (rows, columns)
            Seen from the front (coronal), from the left (sagittal) or from the feet (axial).
        """
        at = self._array_axis(plane)
        i, j, k = (
            slice(ijk[axis], ijk[axis] + 1) if axis == at else slice(None) for axis in range(3)
        )
        laid = nib.orientations.apply_orientation(values((i, j, k)), self._turn)  # type: ignore[no-untyped-call]
        flat = np.asarray(laid).squeeze(axis=_ACROSS[plane])
        return np.asarray(flat[::-1, ::-1].T)

    def place(self, plane: str, ijk: Ijk) -> Place:
        """Say where a voxel lies in the picture of a plane."""
        percent = [0.0, 0.0, 0.0]
        for axis, (patient, sign) in enumerate(self._turn):
            share = (ijk[axis] + 0.5) / self.grid.shape[axis]
            percent[int(patient)] = 100 * (1 - share if sign > 0 else share)
        left, top = (percent[axis] for axis in range(3) if axis != _ACROSS[plane])
        return Place(left, top)

    def size_mm(self, plane: str) -> tuple[float, float]:
        """Give width and height of the picture of a plane in mm."""
        sizes = [0.0, 0.0, 0.0]
        for axis, (patient, _) in enumerate(self._turn):
            sizes[int(patient)] = self.grid.shape[axis] * self.grid.spacing_mm[axis]
        width, height = (sizes[axis] for axis in range(3) if axis != _ACROSS[plane])
        return width, height

    def fullest(self, mask: NDArray[np.bool_]) -> Ijk:
        """Give the voxel where the fullest planes of a mask cross; of an empty one, the middle."""
        if not mask.any():
            i, j, k = (n // 2 for n in mask.shape)
            return i, j, k
        i, j, k = (
            int(np.argmax(mask.sum(axis=tuple(a for a in range(3) if a != axis))))
            for axis in range(3)
        )
        return i, j, k


def colour_table(rows: Iterable[LabelRow], largest: int) -> NDArray[np.uint8]:
    """Give the colour of every integer up to the largest, shape (n, 3); 0 is black."""
    colours = np.full((largest + 1, 3), 255, np.uint8)
    colours[0] = 0
    for integer, _, rgb in with_colours(rows):
        if integer <= largest:
            colours[integer] = rgb
    return colours


def paint(
    labels: NDArray[np.integer],
    colours: NDArray[np.uint8],
    hu: NDArray[Any] | None,
    marks: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None,
) -> NDArray[np.uint8]:
    """Colour a slice.

    Parameters
    ----------
    labels : ndarray of int, shape (rows, columns)
        What is shown.
    colours : ndarray of uint8, shape (n, 3)
        By integer.
    hu : ndarray, shape (rows, columns), or None
        The CT below; None where there is none.
    marks : pair of ndarray of bool, shape (rows, columns), or None
        Voxels that had another structure, and voxels that had none: marked over a pale slice.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
    """
    opacity = (1.0 if hu is None else OPACITY) * (1.0 if marks is None else PALE)
    # What is not labelled has no colour over it.
    over = np.full(len(colours), opacity)
    over[0] = 0.0
    picture = np.take(colours * over[:, None], labels, axis=0)
    if hu is not None:
        low, high = WINDOW_HU
        gray = 255 * np.clip((np.nan_to_num(hu.astype(np.float64)) - low) / (high - low), 0, 1)
        picture += (gray * np.take(1 - over, labels))[..., None]
    if marks is not None:
        changed, filled = marks
        picture[filled] = 0.7 * picture[filled] + 0.3 * np.array(FILLED_RGB)
        picture[changed] = CHANGED_RGB
    return np.asarray(np.rint(picture, out=picture).astype(np.uint8))


def thinned(plane: NDArray[Any], longest: int) -> NDArray[Any]:
    """Keep every n-th row and column of a plane, so that neither are more than asked for."""
    step = -(-max(plane.shape) // longest)
    return plane[::step, ::step]


def png_uri(picture: NDArray[np.uint8]) -> str:
    """Write a picture as the address of a PNG that stands in the page itself.

    Parameters
    ----------
    picture : ndarray of uint8, shape (rows, columns, 3)
        Red, green, blue.
    """
    from PIL import Image  # noqa: PLC0415 - the `report` extra

    file = BytesIO()
    # Labels have long runs of few colours: more effort takes twice the time and gains little.
    Image.fromarray(np.ascontiguousarray(picture)).save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
