"""The third stage of reading, for an image: its values as they are stored."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.disk_voxels import (
    LARGE_BYTES,
    DiskVoxels,
    Stored,
    parts,
    unpack,
)
from vesalius.adapters.files.nifti_header import VolumeHeader
from vesalius.adapters.files.opened import Opened
from vesalius.adapters.files.voxel_bytes import (
    allocate,
    as_volume,
    native,
    pass_voxels,
    read_part,
    to_end,
    to_first_voxel,
)
from vesalius.engine.runs.intensity import LARGEST_VALUE

_MOST_SAMPLES: Final = 1 << 21


@dataclass(frozen=True, eq=False)
class ImageVoxels:
    """The voxels of an image as stored.

    Parameters
    ----------
    stored : ndarray or DiskVoxels, shape (i, j, k)
        Stored numbers, native byte order, Fortran order, read-only.
    slope, inter : float
        Value = slope * stored + inter (Hounsfield units for a CT).
    digest : str
        sha256 of the file's bytes.
    """

    stored: Stored
    slope: float
    inter: float
    digest: str

    def lowest(self) -> float | None:
        """Give the lowest value that is a number; None where no voxel holds one."""
        ends = np.array([self._seen.least, self._seen.largest], dtype=np.float64)
        # A negative slope makes the highest stored number the lowest value.
        lowest = float(np.fmin.reduce(ends * self.slope + self.inter))
        return None if np.isnan(lowest) else lowest

    def without_number(self) -> int:
        """Count the voxels that hold NaN, infinity, or a number that no image means."""
        return self._seen.without_number

    @cached_property
    def sample(self) -> NDArray[np.float64]:
        """The values of evenly spaced voxels, at most four million."""
        return self._scaled(self._seen.sample)

    def values(self, *where: slice) -> NDArray[Any]:
        """Give the values of a part; the stored numbers themselves where nothing is scaled."""
        part = self.stored[where]
        if (self.slope, self.inter) == (1.0, 0.0):
            return part
        return self._scaled(part)

    def values_at(self, ijk: tuple[NDArray[np.int64], ...]) -> NDArray[np.float64]:
        """Give the values of single voxels, shape (n,)."""
        if not isinstance(self.stored, DiskVoxels):
            return self._scaled(self.stored[ijk])
        at = np.ravel_multi_index(ijk, self.stored.shape, order="F")
        order = np.argsort(at, kind="stable")
        found = np.empty(at.size, self.stored.dtype)
        begin = 0
        for first, part in parts(self.stored):
            end = int(np.searchsorted(at, first + part.size, sorter=order))
            found[order[begin:end]] = part[at[order[begin:end]] - first]
            begin = end
        return self._scaled(found)

    def in_memory(self) -> ImageVoxels:
        """Hold all voxels in memory: for reading that does not go along the slowest axis."""
        if not isinstance(self.stored, DiskVoxels):
            return self
        return replace(self, stored=self.stored[()])

    def _scaled(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        values = stored.astype(np.float64)
        # Whole numbers that nothing is done to are what they are.
        if (self.slope, self.inter) == (1.0, 0.0) and stored.dtype.kind in "iu":
            return values
        return values * self.slope + self.inter

    @cached_property
    def _seen(self) -> _Seen:
        return _look(self.stored, self.slope, self.inter)


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one look at all voxels tells: ends of the stored numbers, and evenly spaced ones."""

    least: float
    largest: float
    without_number: int
    sample: NDArray[Any]


def _look(stored: Stored, slope: float, inter: float) -> _Seen:
    # An odd step does not fall into step with lines of an even length.
    step = max(1, stored.size // _MOST_SAMPLES) | 1
    least, largest, without, samples = [], [], 0, []
    for first, part in parts(stored):
        least.append(np.fmin.reduce(part))
        largest.append(np.fmax.reduce(part))
        if part.dtype.kind == "f" or part.dtype.itemsize > 2:
            with np.errstate(all="ignore"):
                values = part if (slope, inter) == (1.0, 0.0) else part * slope + inter
            # NaN compares false.
            good = (values >= -LARGEST_VALUE) & (values <= LARGEST_VALUE)
            without += part.size - int(np.count_nonzero(good))
        samples.append(part[-first % step :: step].copy())
    return _Seen(
        float(np.fmin.reduce(np.array(least))),
        float(np.fmax.reduce(np.array(largest))),
        without,
        np.concatenate(samples),
    )


def read_values(opened: Opened, header: VolumeHeader) -> ImageVoxels:
    """Read the voxels that follow a header: of a large image onto the disk.

    Raises
    ------
    DiagnosticError
        IO005-IO008 cut off, damaged, too short or too long; IO018 no memory.
    """
    to_first_voxel(opened, header)
    if header.grid.size * header.dtype.itemsize < LARGE_BYTES or not hasattr(os, "preadv"):
        flat = allocate(header, header.dtype)
        read_part(opened, header, flat)
        read: Stored = native(flat)
    else:
        read = unpack(opened, header)
    digest = to_end(opened, header)
    stored = read if isinstance(read, DiskVoxels) else as_volume(read, header.grid)
    return ImageVoxels(stored, header.slope, header.inter, digest)


def check_values(opened: Opened, header: VolumeHeader) -> str:
    """Read to the end without keeping the voxels, only to see that they are sound.

    Returns
    -------
    str
        sha256 of the file's bytes.

    Raises
    ------
    DiagnosticError
        As `read_values`.
    """
    to_first_voxel(opened, header)
    return pass_voxels(opened, header)
