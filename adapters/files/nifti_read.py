"""Read label maps and images from NIfTI files, with every doubt said.

Voxels stream from the (compressed) file into the array that is returned; a wide file (float64,
int32) is narrowed on the way and never held as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.gzip_stream import BLOCK_BYTES, ByteStream, open_bytes
from vesalius.adapters.files.io_diagnostics import failure, problem
from vesalius.adapters.files.label_values import Labels, LabelScan
from vesalius.adapters.files.nifti_header import (
    NiftiHeader,
    VolumeHeader,
    parse_header,
    read_header,
)
from vesalius.engine.grid import Grid
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, has_errors


@dataclass(frozen=True, eq=False)
class LabelVolume:
    """A label map as it is in a file.

    Parameters
    ----------
    array : ndarray of uint8 or uint16, shape (i, j, k)
        Labels, Fortran order, read-only.
    grid : Grid
        Where the voxels lie.
    header : Nifti1Header or Nifti2Header
        The file's header.
    digest : str
        sha256 of the file's bytes.
    path : str
        The file.
    header_path : str
        The file that `header` is from; of a folder of masks one of them.
    diagnostics : tuple of Diagnostic
        Warnings; errors are raised.
    """

    array: Labels
    grid: Grid
    header: NiftiHeader
    digest: str
    path: str
    header_path: str
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, eq=False)
class ImageVoxels:
    """The voxels of an image as stored.

    Parameters
    ----------
    stored : ndarray, shape (i, j, k)
        Stored numbers, native byte order, Fortran order, read-only.
    slope, inter : float
        Value = slope * stored + inter (Hounsfield units for a CT).
    digest : str
        sha256 of the file's bytes.
    """

    stored: NDArray[Any]
    slope: float
    inter: float
    digest: str

    def lowest(self) -> float | None:
        """Give the lowest value that is a number; None where no voxel holds one."""
        ends = np.array(
            [np.fmin.reduce(self.stored, axis=None), np.fmax.reduce(self.stored, axis=None)],
            dtype=np.float64,
        )
        # A negative slope makes the highest stored number the lowest value.
        lowest = float(np.fmin.reduce(ends * self.slope + self.inter))
        return None if np.isnan(lowest) else lowest

    def values(self, *where: slice) -> NDArray[Any]:
        """Give the values of a part; the stored numbers themselves where nothing is scaled."""
        part = self.stored[where]
        if (self.slope, self.inter) == (1.0, 0.0):
            return part
        return part.astype(np.float64) * self.slope + self.inter


@dataclass(frozen=True, eq=False)
class ImageVolume:
    """An image whose voxels are read only when asked for.

    Parameters
    ----------
    path : str
        The file.
    grid : Grid
        Where the voxels lie.
    header : Nifti1Header or Nifti2Header
        The file's header.
    diagnostics : tuple of Diagnostic
        Warnings; errors are raised.
    """

    path: str
    grid: Grid
    header: NiftiHeader
    diagnostics: tuple[Diagnostic, ...] = ()

    def load(self) -> ImageVoxels:
        """Read the voxels.

        Raises
        ------
        DiagnosticError
            IO005-IO008 cut off, damaged, too short or too long; IO018 no memory.
        """
        with open_bytes(self.path) as stream:
            header, consumed = parse_header(stream)
            _skip_to_voxels(stream, header, consumed)
            stored = _allocate(header, header.dtype)
            _fill(stream, header, stored)
            _finish(stream, header)
            return ImageVoxels(
                _volume(_native(stored), header.grid), header.slope, header.inter, stream.digest()
            )

    def check(self) -> str:
        """Read the file to its end without keeping the voxels.

        Returns
        -------
        str
            sha256 of the file's bytes.

        Raises
        ------
        DiagnosticError
            As `load`.
        """
        with open_bytes(self.path) as stream:
            header, consumed = parse_header(stream)
            _skip_to_voxels(stream, header, consumed)
            found = stream.drain()
            promised = header.grid.size * header.dtype.itemsize
            if found < promised:
                raise _too_short(header)
            if found > promised:
                raise _too_long(header, found - promised)
            return stream.digest()


def read_image(path: str | Path) -> ImageVolume:
    """Read an image's header; its voxels follow with `ImageVolume.load`.

    Raises
    ------
    DiagnosticError
        With every problem of the header.
    """
    header = read_header(path)
    return ImageVolume(header.path, header.grid, header.nifti, header.diagnostics)


def hounsfield_doubt(path: str | Path, voxels: ImageVoxels) -> Diagnostic | None:
    """Say why the values of an image are no Hounsfield units; None where they can be.

    Every CT has values below 0: air, fat, or noise in water.
    """
    lowest = voxels.lowest()
    if lowest is not None and lowest < 0:
        return None
    how = "no voxel holds a number" if lowest is None else f"the lowest value is {lowest:.6g}"
    text = f"these are no Hounsfield units ({how}); rules that need a CT are skipped"
    hint = "is it an MR image, a segmentation, or a CT without its rescale intercept?"
    return problem("IO019", path, text, hint, severity="warning")


def read_labels(path: str | Path) -> LabelVolume:
    """Read a label map.

    Whole numbers in a file of floating-point type are accepted; fractions, NaN, negative
    numbers and labels above 65535 are not.

    Raises
    ------
    DiagnosticError
        With every problem of the file (IO001-IO012, IO017-IO023).
    """
    with open_bytes(path) as stream:
        header, consumed = parse_header(stream)
        _skip_to_voxels(stream, header, consumed)
        scan = LabelScan(path, header.grid.shape, header.slope, header.inter)
        if header.dtype.kind in "iu" and header.dtype.itemsize <= 2 and not header.scaled:
            flat = _labels_as_stored(stream, header, scan)
        else:
            flat = _labels_converted(stream, header, scan)
        _finish(stream, header)
        digest = stream.digest()
    found = (*header.diagnostics, *scan.diagnostics())
    if has_errors(found):
        raise DiagnosticError(found)
    volume: Labels = _volume(flat, header.grid)
    return LabelVolume(volume, header.grid, header.nifti, digest, header.path, header.path, found)


def _labels_as_stored(stream: ByteStream, header: VolumeHeader, scan: LabelScan) -> Labels:
    """Read integers of one or two bytes straight into the result."""
    stored = _allocate(header, header.dtype)
    _fill(stream, header, stored)
    stored = _native(stored)
    if stored.dtype.kind == "i":
        step = BLOCK_BYTES // stored.dtype.itemsize
        for first in range(0, stored.size, step):
            scan.check_signed(stored[first : first + step], first)
    return stored.view(np.uint8 if stored.dtype.itemsize == 1 else np.uint16)


def _labels_converted(stream: ByteStream, header: VolumeHeader, scan: LabelScan) -> Labels:
    """Narrow block by block; one byte per voxel where the labels fit."""
    labels: NDArray[np.uint16] = _allocate(header, np.dtype(np.uint16))
    block = np.empty(min(labels.size, BLOCK_BYTES // header.dtype.itemsize), header.dtype)
    largest = 0
    for first in range(0, labels.size, block.size):
        part = block[: labels.size - first]
        _fill(stream, header, part)
        out = labels[first : first + part.size]
        scan.convert(part, first, out)
        largest = max(largest, int(out.max()))
    return labels.astype(np.uint8) if largest <= np.iinfo(np.uint8).max else labels


def _allocate(header: VolumeHeader, dtype: np.dtype[np.generic]) -> NDArray[Any]:
    try:
        return np.empty(header.grid.size, dtype)
    except MemoryError:
        gib = header.grid.size * dtype.itemsize / 2**30
        text = f"the volume needs {gib:.1f} GiB of memory, which this machine does not give"
        raise failure("IO018", header.path, text) from None


def _skip_to_voxels(stream: ByteStream, header: VolumeHeader, consumed: int) -> None:
    """Move to the first voxel; a header that promises too much fails before any allocation."""
    needed = header.data_offset + header.grid.size * header.dtype.itemsize
    if needed > stream.most_bytes():
        raise _too_short(header)
    position = consumed
    scratch = memoryview(bytearray(min(BLOCK_BYTES, header.data_offset - position)))
    while position < header.data_offset:
        count = stream.fill(scratch[: header.data_offset - position])
        if not count:
            raise _too_short(header)
        position += count


def _fill(stream: ByteStream, header: VolumeHeader, part: NDArray[Any]) -> None:
    if stream.fill(part.view(np.uint8).data) < part.nbytes:
        raise _too_short(header)


def _finish(stream: ByteStream, header: VolumeHeader) -> None:
    """Read on to the end: checksum, further gzip members, left-over data."""
    extra = stream.drain()
    if extra:
        raise _too_long(header, extra)


def _too_long(header: VolumeHeader, extra: int) -> DiagnosticError:
    voxels = " x ".join(str(n) for n in header.grid.shape)
    return failure(
        "IO008",
        header.path,
        f"after the {voxels} voxels of the header come {extra:,} more bytes",
        "the header or the data are wrong; write the file again",
    )


def _too_short(header: VolumeHeader) -> DiagnosticError:
    voxels = " x ".join(str(n) for n in header.grid.shape)
    return failure(
        "IO007",
        header.path,
        f"the file ends before all {voxels} voxels that its header promises",
        "it was cut off while copying, downloading or writing; get it again",
    )


def _native(stored: NDArray[Any]) -> NDArray[Any]:
    if stored.dtype.isnative:
        return stored
    return stored.byteswap(inplace=True).view(stored.dtype.newbyteorder())


def _volume(flat: NDArray[Any], grid: Grid) -> NDArray[Any]:
    volume = flat.reshape(grid.shape, order="F")
    volume.setflags(write=False)
    return volume
