"""The third stage of reading, for labels: whole numbers 0..65535, with every doubt said.

Voxels stream from the (compressed) file, a few million at a time, and become runs on the way: no
array of all voxels is held, and a wide file (float64, int32) is narrowed block by block.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from vesalius.adapters.files.given import Given, Noun
from vesalius.adapters.files.label_values import Labels, LabelScan
from vesalius.adapters.files.nifti_bytes import NiftiHeader
from vesalius.adapters.files.nifti_header import VolumeHeader, parse_header
from vesalius.adapters.files.opened import Opened, open_given
from vesalius.adapters.files.voxel_bytes import (
    block_of_lines,
    lent_part,
    native,
    no_memory,
    read_part,
    to_end,
    to_first_voxel,
)
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap, decode
from vesalius.engine.runs.stream import RunStream
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, has_errors


@dataclass(frozen=True, eq=False)
class LabelVolume:
    """A label map as it was given.

    Parameters
    ----------
    labels : LabelMap
        Labels, along the first axis (along others where an axis has one voxel alone).
    dtype : dtype of uint8 or uint16
        Type of the labels in an array.
    grid : Grid
        Where the voxels lie.
    header : Nifti1Header, Nifti2Header or None
        The file's header; None where an array was given.
    digest : str
        sha256 of the file's bytes.
    path : str
        The file or folder, or what messages call what is in memory.
    header_path : str
        The file that `header` is from; of a folder of masks one of them.
    noun : {"file", "folder", "image", "array"}
        What was given.
    extensions : bytes
        The header's extensions as a file holds them.
    diagnostics : tuple of Diagnostic
        Warnings; errors are raised.
    """

    labels: LabelMap
    dtype: np.dtype[np.unsignedinteger[Any]]
    grid: Grid
    header: NiftiHeader
    digest: str
    path: str
    header_path: str
    noun: Literal["folder"] | Noun
    extensions: bytes = b""
    diagnostics: tuple[Diagnostic, ...] = ()

    @cached_property
    def array(self) -> Labels:
        """The labels as an array, shape (i, j, k), Fortran order, read-only; made when asked for.

        Raises
        ------
        DiagnosticError
            IO018 not enough memory.
        """
        try:
            voxels: Labels = decode(self.labels, self.dtype, order="F")
        except MemoryError:
            raise no_memory(self.path, self.grid.size, self.dtype) from None
        voxels.setflags(write=False)
        return voxels


def read_labels(given: str | Given) -> LabelVolume:
    """Read a label map from a file, an image or an array.

    Whole numbers in a file of floating-point type are accepted; fractions, NaN, negative
    numbers and labels above 65535 are not.

    Raises
    ------
    DiagnosticError
        With every problem of the file (IO001-IO012, IO017-IO023).
    """
    with open_given(given) as opened:
        return label_values(opened, parse_header(opened))


def label_values(opened: Opened, header: VolumeHeader) -> LabelVolume:
    """Read the labels that follow a header; see `read_labels`.

    Raises
    ------
    DiagnosticError
        With every problem of the header and of the voxels.
    """
    between = to_first_voxel(opened, header)
    scan = LabelScan(header.name, header.grid.shape, header.slope, header.inter)
    if header.dtype.kind in "iu" and header.dtype.itemsize <= 2 and not header.scaled:
        runs, dtype = _as_stored(opened, header, scan)
    else:
        runs, dtype = _converted(opened, header, scan)
    digest = to_end(opened, header)
    found = (*header.diagnostics, *scan.diagnostics())
    if has_errors(found):
        raise DiagnosticError(found)
    return LabelVolume(
        labels=runs.joined(),
        dtype=dtype,
        grid=header.grid,
        header=header.nifti,
        digest=digest,
        path=header.name,
        header_path=header.name,
        noun=opened.noun,
        extensions=between,
        diagnostics=found,
    )


_Read: TypeAlias = tuple[RunStream, "np.dtype[np.unsignedinteger[Any]]"]


def _as_stored(opened: Opened, header: VolumeHeader, scan: LabelScan) -> _Read:
    """Read integers of one or two bytes as they are."""
    runs, block = RunStream(header.grid), block_of_lines(header, header.dtype)
    dtype = np.dtype(np.uint8) if header.dtype.itemsize == 1 else np.dtype(np.uint16)
    for first in range(0, header.grid.size, block.size):
        stored = native(lent_part(opened, header, block[: header.grid.size - first]))
        if stored.dtype.kind == "i":
            scan.check_signed(stored, first)
        runs.add(stored.view(dtype))
    return runs, dtype


def _converted(opened: Opened, header: VolumeHeader, scan: LabelScan) -> _Read:
    """Narrow block by block; one byte per voxel where the labels fit."""
    runs, block = RunStream(header.grid), block_of_lines(header, header.dtype)
    labels = np.empty(block.size, dtype=np.uint16)
    largest = 0
    for first in range(0, header.grid.size, block.size):
        part = block[: header.grid.size - first]
        read_part(opened, header, part)
        out = labels[: part.size]
        scan.convert(part, first, out)
        largest = max(largest, int(out.max()))
        runs.add(out)
    fits_byte = largest <= np.iinfo(np.uint8).max
    return runs, np.dtype(np.uint8) if fits_byte else np.dtype(np.uint16)
