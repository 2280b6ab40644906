"""The way from a header to the end of what was opened: what lies between, the voxels, the end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.gzip_stream import BLOCK_BYTES
from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.files.nifti_header import VolumeHeader
from vesalius.adapters.files.opened import Opened
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import DiagnosticError

_MOST_KEPT = 1 << 20  # names of a thousand classes are a tenth of this


def to_first_voxel(opened: Opened, header: VolumeHeader) -> bytes:
    """Move to the first voxel; a header that promises too much fails before any allocation.

    Returns
    -------
    bytes
        What lies before it: extensions of the header. Of much, the beginning.

    Raises
    ------
    DiagnosticError
        IO007 too short, and what reading finds.
    """
    needed = header.data_offset + header.grid.size * header.dtype.itemsize
    if needed > opened.most_bytes():
        raise _too_short(header)
    kept = bytearray(min(_MOST_KEPT, header.data_offset - opened.position))
    if opened.fill(memoryview(kept)) < len(kept):
        raise _too_short(header)
    scratch = memoryview(bytearray(min(BLOCK_BYTES, header.data_offset - opened.position)))
    while opened.position < header.data_offset:
        if not opened.fill(scratch[: header.data_offset - opened.position]):
            raise _too_short(header)
    return bytes(kept)


def allocate(header: VolumeHeader, dtype: np.dtype[np.generic]) -> NDArray[Any]:
    """Give room for all voxels, shape (n,).

    Raises
    ------
    DiagnosticError
        IO018 not enough memory.
    """
    try:
        return np.empty(header.grid.size, dtype)
    except MemoryError:
        raise no_memory(header.name, header.grid.size, dtype) from None


def no_memory(name: str, voxels: int, dtype: np.dtype[Any]) -> DiagnosticError:
    """Say that there is no room for all voxels: IO018."""
    gib = voxels * dtype.itemsize / 2**30
    text = f"the volume needs {gib:.1f} GiB of memory, which this machine does not give"
    return failure("IO018", name, text)


def block_of_lines(header: VolumeHeader, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Give room for some whole lines along the first axis, shape (m,).

    Raises
    ------
    DiagnosticError
        IO018 not enough memory.
    """
    line = header.grid.shape[0]
    lines = max(1, BLOCK_BYTES // (line * dtype.itemsize))
    try:
        return np.empty(min(lines * line, header.grid.size), dtype)
    except MemoryError:
        raise no_memory(header.name, header.grid.size, dtype) from None


def read_part(opened: Opened, header: VolumeHeader, part: NDArray[Any]) -> None:
    """Read the next voxels into an array, shape (n,), of the header's type.

    Raises
    ------
    DiagnosticError
        IO007 too short, and what reading finds.
    """
    if opened.fill(part.view(np.uint8).data) < part.nbytes:
        raise _too_short(header)


def lent_part(opened: Opened, header: VolumeHeader, part: NDArray[Any]) -> NDArray[Any]:
    """Give the next voxels, in an array, shape (n,), or where they lie anyway; maybe read-only.

    Raises
    ------
    DiagnosticError
        IO007 too short, and what reading finds.
    """
    found = opened.lend(part.view(np.uint8).data)
    if len(found) < part.nbytes:
        raise _too_short(header)
    return np.frombuffer(found, part.dtype)


def to_end(opened: Opened, header: VolumeHeader) -> str:
    """Read on after the last voxel: checksum, further gzip members, left-over data.

    Returns
    -------
    str
        The digest of what was opened.

    Raises
    ------
    DiagnosticError
        IO008 more data, and what reading finds.
    """
    extra = opened.drain()
    if extra:
        raise _too_long(header, extra)
    return opened.digest()


def pass_voxels(opened: Opened, header: VolumeHeader) -> str:
    """Read from the first voxel to the end without keeping anything; give the digest.

    Raises
    ------
    DiagnosticError
        IO007 too short, IO008 too long, and what reading finds.
    """
    found = opened.drain()
    promised = header.grid.size * header.dtype.itemsize
    if found < promised:
        raise _too_short(header)
    if found > promised:
        raise _too_long(header, found - promised)
    return opened.digest()


def native(stored: NDArray[Any]) -> NDArray[Any]:
    """Bring numbers into the byte order of this machine, in place where they can be written."""
    if stored.dtype.isnative:
        return stored
    return stored.byteswap(inplace=bool(stored.flags.writeable)).view(stored.dtype.newbyteorder())


def as_volume(flat: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """Give voxels, shape (n,), as a read-only volume in Fortran order."""
    volume = flat.reshape(grid.shape, order="F")
    volume.setflags(write=False)
    return volume


def _too_long(header: VolumeHeader, extra: int) -> DiagnosticError:
    voxels = " x ".join(str(n) for n in header.grid.shape)
    return failure(
        "IO008",
        header.name,
        f"after the {voxels} voxels of the header come {extra:,} more bytes",
        "the header or the data are wrong; write the file again",
    )


def _too_short(header: VolumeHeader) -> DiagnosticError:
    voxels = " x ".join(str(n) for n in header.grid.shape)
    return failure(
        "IO007",
        header.name,
        f"the file ends before all {voxels} voxels that its header promises",
        "it was cut off while copying, downloading or writing; get it again",
    )
