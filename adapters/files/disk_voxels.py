"""The voxels of a large image: unpacked onto the disk once, and read back box by box.

A compressed stream has no way back, and all voxels in memory are the largest part of what a case
takes. Where there is no room on the disk they are held in memory after all.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.nifti_header import VolumeHeader
from vesalius.adapters.files.opened import Opened
from vesalius.adapters.files.voxel_bytes import allocate, block_of_lines, native, read_part

LARGE_BYTES = 1 << 26
"""Images of fewer bytes are held in memory."""


class DiskVoxels:
    """Voxels in a file without a name, which ends with this object.

    Parameters
    ----------
    file : FileIO
        Their bytes in Fortran order, native byte order; may be closed afterwards.
    shape : tuple of int, shape (3,)
        Voxels along i, j, k.
    dtype : dtype
        Type of each.
    """

    def __init__(self, file: FileIO, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> None:
        self.shape, self.dtype = shape, dtype
        self.size = shape[0] * shape[1] * shape[2]
        self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)

    def __getitem__(self, where: tuple[slice, ...]) -> NDArray[Any]:
        """Read a box, in Fortran order; steps are positive, and axes left out are whole."""
        whole = (*where, *(slice(None),) * (3 - len(where)))
        i, j, k = (range(n)[part] for part, n in zip(whole, self.shape, strict=True))
        box: NDArray[Any] = np.empty((len(i), len(j), len(k)), self.dtype, order="F")
        if not box.size:
            return box
        line, rows = self.shape[0], self.shape[1]
        if k.step == 1 and (len(i), len(j)) == (line, rows):
            self.read(k[0] * line * rows, box.reshape(-1, order="F"))
            return box
        held = np.empty((line, j[-1] + 1 - j[0]), self.dtype, order="F")
        for at, plane in enumerate(k):
            self.read((plane * rows + j[0]) * line, held.reshape(-1, order="F"))
            box[:, :, at] = held[i.start : i.stop : i.step, :: j.step]
        return box

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process, or into a copy, as an array."""
        return np.asfortranarray, (self[()],)

    def read(self, first: int, voxels: NDArray[Any]) -> None:
        """Read the voxels from a flat position on into an array, shape (n,).

        Raises
        ------
        OSError
            If the disk fails.
        """
        into = voxels.view(np.uint8).data
        begin, done = first * self.dtype.itemsize, 0
        while done < len(into):
            count = os.preadv(self._file, [into[done:]], begin + done)
            if not count:
                raise OSError("the voxels that were unpacked onto the disk have been cut off")
            done += count


Stored = NDArray[Any] | DiskVoxels
"""The voxels of an image, shape (i, j, k), in memory or on the disk."""


def parts(stored: Stored) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield all voxels in Fortran order, a million at a time, each part with its first position."""
    step = 1 << 20
    if isinstance(stored, DiskVoxels):
        part = np.empty(min(step, stored.size), stored.dtype)
        for first in range(0, stored.size, step):
            some = part[: stored.size - first]
            stored.read(first, some)
            yield first, some
        return
    flat = stored.reshape(-1, order="F")
    for first in range(0, flat.size, step):
        yield first, flat[first : first + step]


def unpack(opened: Opened, header: VolumeHeader) -> Stored:
    """Read all voxels onto the disk, into the folder for temporary files; into memory if need be.

    Returns
    -------
    DiskVoxels or ndarray, shape (n,)

    Raises
    ------
    DiagnosticError
        IO007 too short, IO018 no memory, and what reading finds.
    """
    import tempfile  # noqa: PLC0415 - most runs have no image

    held: NDArray[Any] | None = None
    block = block_of_lines(header, header.dtype)
    kind = header.dtype.newbyteorder("=")
    with ExitStack() as stack:
        file: FileIO | None = None
        try:
            file = stack.enter_context(tempfile.TemporaryFile(buffering=0))
        except OSError:
            held = allocate(header, kind)
        for first in range(0, header.grid.size, block.size):
            part = block[: header.grid.size - first]
            read_part(opened, header, part)
            voxels = native(part)
            if file is not None:
                try:
                    _write(file, voxels)
                    continue
                except OSError:
                    held = allocate(header, kind)
                    if first:
                        DiskVoxels(file, header.grid.shape, kind).read(0, held[:first])
                    file = None
            if held is not None:
                held[first : first + voxels.size] = voxels
        if file is not None:
            return DiskVoxels(file, header.grid.shape, kind)
    if held is None:
        raise ValueError("voxels are on the disk or in memory")
    return held


def _write(file: FileIO, voxels: NDArray[Any]) -> None:
    left = voxels.view(np.uint8).data
    while left:
        left = left[file.write(left) or 0 :]
