"""A volume as the page gets it: an uncompressed NIfTI file, made plane by plane when it is read.

What a browser reads is written here anew, whatever the file on disk looks like: whole numbers of
one or two bytes (of an image that is no CT, fractions of four) in little-endian order, with the
place in the patient and nothing else of the header.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from nibabel.nifti1 import Nifti1Header
from numpy.typing import NDArray

from vesalius.adapters.cases.case_image import CaseImage
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.report.slices import WINDOW_HU
from vesalius.adapters.view.legend import Legend
from vesalius.engine.runs.grid import Grid

MOST_VOXELS = 2**26
"""A browser needs about ten bytes on the graphics card for each voxel that it shows."""
LONGEST_AXIS = 2048
"""Longest axis of a volume that every WebGL 2 can hold."""
_SCANNER = 1  # sform and qform code: scanner coordinates
_NO_EXTENSIONS = b"\0\0\0\0"

Steps = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class VolumeFile:
    """A volume, as a NIfTI file.

    Parameters
    ----------
    grid : Grid
        Of the voxels that are written.
    dtype : dtype
        One, two or four bytes, little-endian.
    plane : callable
        Gives the values of a plane k, shape (i, j).
    window : tuple of float, shape (2,), or None
        Values that are shown black and white; None for labels.
    """

    grid: Grid
    dtype: np.dtype[Any]
    plane: Callable[[int], NDArray[Any]]
    window: tuple[float, float] | None = None

    @cached_property
    def head(self) -> bytes:
        """What stands before the voxels."""
        header = Nifti1Header(endianness="<")  # type: ignore[no-untyped-call]
        header.set_data_dtype(self.dtype)  # type: ignore[no-untyped-call]
        header.set_data_shape(self.grid.shape)  # type: ignore[no-untyped-call]
        header.set_qform(self.grid.affine, code=_SCANNER, strip_shears=True)  # type: ignore[no-untyped-call]
        header.set_sform(self.grid.affine, code=_SCANNER)  # type: ignore[no-untyped-call]
        header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
        header["vox_offset"] = header.single_vox_offset
        header["scl_slope"], header["scl_inter"] = 1, 0
        if self.window is not None:
            header["cal_min"], header["cal_max"] = self.window
        return bytes(header.binaryblock) + _NO_EXTENSIONS

    @property
    def n_bytes(self) -> int:
        """Length of the file."""
        return len(self.head) + self.grid.size * self.dtype.itemsize

    def blocks(self) -> Iterator[bytes]:
        """Give the bytes of the file in parts."""
        yield self.head
        for k in range(self.grid.shape[2]):
            yield self.plane(k).astype(self.dtype, copy=False).tobytes(order="F")


def steps_of(grid: Grid, most_voxels: int = MOST_VOXELS, longest: int = LONGEST_AXIS) -> Steps:
    """Say of which axis every n-th plane is shown, so that a browser can hold the volume.

    Planes are left out where they are nearest to each other.

    Parameters
    ----------
    grid : Grid
        The whole volume.
    most_voxels : int
        That are shown.
    longest : int
        Most planes along an axis.
    """
    steps = [1, 1, 1]
    while True:
        shape = _shape(grid, steps)
        too_long = [axis for axis in range(3) if shape[axis] > longest]
        if not too_long and shape[0] * shape[1] * shape[2] <= most_voxels:
            i, j, k = steps
            return i, j, k
        thick = [axis for axis in too_long or range(3) if shape[axis] > 1]
        steps[min(thick, key=lambda axis: grid.spacing_mm[axis] * steps[axis])] += 1


def thinned(grid: Grid, steps: Steps) -> Grid:
    """Give the grid of every n-th voxel; the first of the volume is the first of it."""
    affine = grid.affine.copy()
    affine[:3, :3] *= steps
    return Grid(_shape(grid, steps), affine)


def label_file(labels: Labels, grid: Grid, legend: Legend, steps: Steps) -> VolumeFile:
    """Give a label map in the numbers of its legend.

    Parameters
    ----------
    labels : ndarray of uint8 or uint16, shape (i, j, k)
        Integers of the file.
    grid : Grid
        Their place.
    legend : Legend
        What becomes of them.
    steps : tuple of int
        Every n-th voxel along i, j, k is written.
    """
    numbers = legend.numbers(int(labels.max()))
    i, j, k = steps
    return VolumeFile(
        grid=thinned(grid, steps),
        dtype=numbers.dtype.newbyteorder("<"),
        plane=lambda at: numbers[labels[::i, ::j, at * k]],
    )


def image_file(image: CaseImage, grid: Grid, steps: Steps) -> VolumeFile:
    """Give a CT in whole Hounsfield units, with the window that slices are drawn in.

    Parameters
    ----------
    image : CaseImage
        The CT.
    grid : Grid
        Its place.
    steps : tuple of int
        Every n-th voxel along i, j, k is written.
    """
    i, j, k = steps
    range_hu = np.iinfo(np.int16)

    def plane(at: int) -> NDArray[Any]:
        values = image.values(
            (slice(None, None, i), slice(None, None, j), slice(at * k, at * k + 1))
        )
        if values.dtype == np.int16:
            return values[:, :, 0]
        whole = np.nan_to_num(values[:, :, 0].astype(np.float64), nan=WINDOW_HU[0])
        return whole.round().clip(range_hu.min, range_hu.max).astype(np.int16)

    return VolumeFile(thinned(grid, steps), np.dtype("<i2"), plane, WINDOW_HU)


def gray_file(
    image: CaseImage, grid: Grid, steps: Steps, window: tuple[float, float]
) -> VolumeFile:
    """Give an image that is no CT, in its own values.

    Parameters
    ----------
    image : CaseImage
        The image.
    grid : Grid
        Its place.
    steps : tuple of int
        Every n-th voxel along i, j, k is written.
    window : tuple of float
        Values that are shown black and white; what is no number is black.
    """
    i, j, k = steps
    low, high = window
    limit = float(np.finfo(np.float32).max)

    def plane(at: int) -> NDArray[Any]:
        values = image.values(
            (slice(None, None, i), slice(None, None, j), slice(at * k, at * k + 1))
        )[:, :, 0].astype(np.float64)
        known = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
        return known.clip(-limit, limit).astype(np.float32)

    return VolumeFile(thinned(grid, steps), np.dtype("<f4"), plane, window)


def _shape(grid: Grid, steps: Steps | list[int]) -> tuple[int, int, int]:
    i, j, k = (-(-n // step) for n, step in zip(grid.shape, steps, strict=True))
    return i, j, k
