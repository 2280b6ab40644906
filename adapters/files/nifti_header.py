"""The second stage of reading: what a header says, whether it can be believed, and its grid."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.given import Given
from vesalius.adapters.files.header_geometry import (
    Contradiction,
    Written,
    as_written,
    bits,
    contradictions,
    qform_of,
    strange_lengths,
    unit_scale,
)
from vesalius.adapters.files.io_diagnostics import problem
from vesalius.adapters.files.memory_stream import MemoryStream
from vesalius.adapters.files.nifti_bytes import NiftiHeader, read_nifti_bytes
from vesalius.adapters.files.opened import Opened, open_given
from vesalius.adapters.files.plain_header import GUESSED, PlainHeader
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Severity, has_errors

if TYPE_CHECKING:
    from logging import Logger

_MOST_AXES = 7
_NO_PLACE = "voxels have no place in the patient"
_STORE = "store whole numbers: uint8 or int16"


@dataclass(frozen=True, eq=False)
class VolumeHeader:
    """What the header of a volume says.

    Parameters
    ----------
    name : str
        The file, or what messages call what is in memory.
    grid : Grid
        Shape (three axes) and affine: sform before qform before pixdim, as nibabel chooses.
    nifti : Nifti1Header, Nifti2Header or None
        The header as nibabel sees it; None where an array was given.
    dtype : numpy.dtype
        Voxel type as stored, with its byte order.
    slope, inter : float
        Voxel value = slope * stored + inter.
    data_offset : int
        Position in bytes of the first voxel.
    diagnostics : tuple of Diagnostic
        Warnings.
    """

    name: str
    grid: Grid
    nifti: NiftiHeader
    dtype: np.dtype[np.generic]
    slope: float
    inter: float
    data_offset: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def scaled(self) -> bool:
        """Whether stored numbers are not yet the voxel values."""
        return (self.slope, self.inter) != (1.0, 0.0)


def read_header(given: str | Given) -> VolumeHeader:
    """Read the header only of a file, or of what is in memory.

    Raises
    ------
    DiagnosticError
        With every problem of the header (IO001-IO012, IO017).
    """
    with open_given(given) as opened:
        return parse_header(opened)


def read_grid(given: str | Given) -> Grid:
    """Read only where a volume lies: shape and affine, no voxels."""
    return read_header(given).grid


def parse_header(opened: Opened) -> VolumeHeader:
    """Read the header from the beginning of what was opened; nothing further is read.

    Raises
    ------
    DiagnosticError
        As `read_header`.
    """
    remarks = _Remarks(opened.name, opened.noun)
    dtype: np.dtype[np.generic] | None
    with np.errstate(all="ignore"):
        if isinstance(opened, MemoryStream):
            header, offset, dtype = opened.nifti, opened.data_offset, opened.dtype
            _check_dtype(dtype, remarks)
            slope, inter = opened.scaling
            written = None if header is None else as_written(header)
            grid = _grid(opened.shape, header, written, opened.affine, remarks)
        else:
            header = read_nifti_bytes(opened)
            if isinstance(header, PlainHeader):
                return _plain(opened.name, header)
            offset = _data_offset(header, opened.position, remarks)
            written = as_written(header)
            _mend(header, remarks)
            dtype = _dtype(header, remarks)
            if dtype is not None and dtype.itemsize:
                remarks.doubt(bits(written, dtype))
            slope, inter = _scaling(header, remarks)
            _check_axes(int(header["dim"][0]), remarks)
            grid = _grid(header.get_data_shape(), header, written, None, remarks)
    found = tuple(remarks.found)
    if grid is None or dtype is None or has_errors(found):
        raise DiagnosticError(found)
    return VolumeHeader(
        name=opened.name,
        grid=grid,
        nifti=header,
        dtype=dtype,
        slope=slope,
        inter=inter,
        data_offset=offset,
        diagnostics=found,
    )


def _plain(name: str, header: PlainHeader) -> VolumeHeader:
    """Say what a header says that leaves nothing to ask but whether its lengths can be."""
    slope, inter = header.slope_inter
    remarks, grid = _Remarks(name, "file"), Grid(header.shape, header.affine)
    remarks.doubt(strange_lengths(grid))
    return VolumeHeader(
        name=name,
        grid=grid,
        nifti=header,
        dtype=header.dtype,
        slope=slope,
        inter=inter,
        data_offset=int(header["vox_offset"]),
        diagnostics=tuple(remarks.found),
    )


class _Remarks:
    """What is found in one header."""

    def __init__(self, name: str, noun: str) -> None:
        self.noun = noun
        self.own = "a file of its own" if noun == "file" else "one of its own"
        self.copy_affine = f"copy the affine of the image that the {noun} belongs to"
        self.found: list[Diagnostic] = []
        self._name = name

    def add(
        self, code: str, text: str, hint: str | None = None, severity: Severity = "error"
    ) -> None:
        self.found.append(problem(code, self._name, text, hint, severity))

    def doubt(self, found: Iterable[Contradiction]) -> None:
        """Warn of fields that do not agree."""
        for each in found:
            self.add(each.code, each.text, each.hint, "warning")


def _mend(header: NiftiHeader, remarks: _Remarks) -> None:
    codes = {name: int(header[name]) for name in ("qform_code", "sform_code")}
    if not math.isfinite(float(header["vox_offset"])):
        # Said already, and more than nibabel's checks can take.
        header["vox_offset"] = 0
    header.check_fix(logger=_silent(), error_level=1000)
    for name, code in codes.items():
        if code != int(header[name]):
            text = f"{name} {code} does not exist and is not used"
            remarks.add("IO017", text, severity="warning")


@lru_cache(maxsize=1)
def _silent() -> Logger:
    """Give a place for what nibabel has to say of headers."""
    import logging  # noqa: PLC0415 - most headers are read without it

    silent = logging.Logger("vesalius.nifti")
    silent.addHandler(logging.NullHandler())
    return silent


def _dtype(header: NiftiHeader, remarks: _Remarks) -> np.dtype[np.generic] | None:
    from nibabel.spatialimages import HeaderDataError  # noqa: PLC0415

    try:
        dtype: np.dtype[np.generic] = header.get_data_dtype()
    except (HeaderDataError, KeyError):
        code = int(header["datatype"])
        text = f"the voxel type with NIfTI code {code} cannot be read"
        remarks.add("IO010", text, _STORE)
        return None
    _check_dtype(dtype, remarks)
    return dtype


def _check_dtype(dtype: np.dtype[np.generic], remarks: _Remarks) -> None:
    if not dtype.itemsize:
        remarks.add("IO010", "voxels are single bits, which are not read", _STORE)
    elif dtype.kind not in "iuf":
        kind = "complex numbers" if dtype.kind == "c" else "colours"
        remarks.add("IO010", f"voxels hold {kind}, not single numbers", _STORE)


def _scaling(header: NiftiHeader, remarks: _Remarks) -> tuple[float, float]:
    from nibabel.spatialimages import HeaderDataError  # noqa: PLC0415

    try:
        slope, inter = header.get_slope_inter()
    except HeaderDataError:
        text = "scl_slope is set but scl_inter is not a number"
        remarks.add("IO017", text, "set scl_slope to 1 and scl_inter to 0")
        return 1.0, 0.0
    return (1.0 if slope is None else float(slope)), (0.0 if inter is None else float(inter))


def _data_offset(header: NiftiHeader, size: int, remarks: _Remarks) -> int:
    offset = float(header["vox_offset"])
    if not math.isfinite(offset) or offset < size:
        text = f"vox_offset is {offset:g}: voxels cannot start inside the header"
        remarks.add("IO017", text, "write the file again with nibabel or ITK")
        return size
    return int(offset)


def _grid(
    sizes: Sequence[int],
    header: NiftiHeader | None,
    written: Written | None,
    affine: NDArray[np.float64] | None,
    remarks: _Remarks,
) -> Grid | None:
    """Place the voxels by the header; where there is none, by the affine."""
    shape = _three_axes(sizes, remarks)
    scale, unit = 1.0, None
    if header is not None:
        affine = _affine(header, remarks)
        if affine is not None:
            scale, unit = unit_scale(header, affine)
            affine = np.diag([scale] * 3 + [1.0]) @ affine
    elif affine is None:
        remarks.add("IO012", f"the {remarks.noun} has no affine: {_NO_PLACE}", remarks.copy_affine)
    if shape is None or affine is None:
        return None
    try:
        grid = Grid(shape, affine)
    except ValueError:
        numbers = "numbers that are not finite" if not np.all(np.isfinite(affine)) else "no volume"
        text = f"the affine of this {remarks.noun} has {numbers}: {_NO_PLACE}"
        remarks.add("IO012", text, remarks.copy_affine)
        return None
    if header is not None and written is not None:
        remarks.doubt(contradictions(header, written, grid, scale))
        remarks.doubt(() if unit is None else (unit,))
    remarks.doubt(strange_lengths(grid))
    return grid


def _check_axes(number: int, remarks: _Remarks) -> None:
    if number > _MOST_AXES:
        text = f"the header says that the volume has {number} axes; NIfTI knows up to {_MOST_AXES}"
        remarks.add("IO011", text, "get the file again, or write it again with nibabel or ITK")


def _three_axes(sizes: Sequence[int], remarks: _Remarks) -> tuple[int, int, int] | None:
    shape = tuple(int(n) for n in sizes)
    words = " x ".join(str(n) for n in shape) or "none"
    if len(shape) < 3:
        text = f"the {remarks.noun} has {len(shape)} axes ({words}); a volume has three"
        remarks.add("IO011", text, "write one slice as an array of three axes, `array[:, :, None]`")
        return None
    if min(shape) < 1:
        remarks.add("IO011", f"an axis of the volume is empty ({words})")
        return None
    if any(n != 1 for n in shape[3:]):
        text = f"the {remarks.noun} is {len(shape)}-dimensional ({words}); one volume is needed"
        hint = (
            f"save the volume that you mean as {remarks.own}; where each channel is a class, the "
            "likeliest class of each voxel"
        )
        if sum(n != 1 for n in shape) <= 3:
            hint = "drop the axes of length 1, as `numpy.squeeze` does, and keep the affine"
        remarks.add("IO011", text, hint)
        return None
    return shape[0], shape[1], shape[2]


def _affine(header: NiftiHeader, remarks: _Remarks) -> NDArray[np.float64] | None:
    if int(header["sform_code"]) > 0:
        if bytes(header["descrip"]).rstrip(b"\0") == GUESSED:
            text = "the header says that its orientation was guessed; left and right are not sure"
            remarks.add("IO014", text, remarks.copy_affine, severity="warning")
        return np.asarray(header.get_sform(), dtype=np.float64)
    if int(header["qform_code"]) > 0:
        qform = qform_of(header)
        if qform is None:
            text = f"the qform of this {remarks.noun} is no rotation: {_NO_PLACE}"
            remarks.add("IO012", text, remarks.copy_affine)
        return qform
    text = (
        "the header does not say how the volume lies in the patient (no sform, no qform); "
        "left and right are a guess"
    )
    remarks.add("IO014", text, remarks.copy_affine, severity="warning")
    return np.asarray(header.get_base_affine(), dtype=np.float64)
