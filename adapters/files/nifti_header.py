"""The header of a NIfTI file: what it says, whether it can be believed, and its grid."""

from __future__ import annotations

import logging
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from vesalius.adapters.files.gzip_stream import ByteStream, open_bytes
from vesalius.adapters.files.io_diagnostics import failure, problem
from vesalius.engine.grid import Grid
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, has_errors

FORMS_TOLERANCE_VOXELS = 0.5
"""sform and qform that place a corner further apart than this share of the smallest voxel
edge disagree. Rounding of the qform's float32 quaternion near half a turn stays below it."""

CONVERT = "vesalius reads NIfTI (.nii, .nii.gz); convert it first, for example in 3D Slicer"

NiftiHeader: TypeAlias = Any
"""Nifti1Header or Nifti2Header; nibabel's methods carry no types."""

_HEADER_BYTES: dict[int, NiftiHeader] = {348: Nifti1Header, 540: Nifti2Header}
_MAGIC_AT = {348: 344, 540: 4}
_UNITS = {1: "metres", 3: "micrometres"}
_OTHER_FORMATS = {
    (0, b"NRRD"): "an NRRD file",
    (0, b"ObjectType"): "a MetaImage file",
    (0, b"\x89HDF"): "an HDF5 or MINC file",
    (0, b"\x89PNG"): "a PNG picture",
    (0, b"PK\x03\x04"): "a zip archive",
    (128, b"DICM"): "a DICOM file",
}
_SILENT = logging.Logger("vesalius.nifti")
_SILENT.addHandler(logging.NullHandler())


@dataclass(frozen=True, eq=False)
class VolumeHeader:
    """What the header of a volume says.

    Parameters
    ----------
    path : str
        The file.
    grid : Grid
        Shape (three axes) and affine: sform before qform before pixdim, as nibabel chooses.
    nifti : Nifti1Header or Nifti2Header
        The header as nibabel sees it.
    dtype : numpy.dtype
        Voxel type on disk, with its byte order.
    slope, inter : float
        Voxel value = slope * stored + inter.
    data_offset : int
        Position in bytes of the first voxel.
    diagnostics : tuple of Diagnostic
        Warnings.
    """

    path: str
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


def read_header(path: str | Path) -> VolumeHeader:
    """Read a file's header only.

    Raises
    ------
    DiagnosticError
        With every problem of the header (IO001-IO012, IO017).
    """
    with open_bytes(path) as stream:
        return parse_header(stream)[0]


def read_grid(path: str | Path) -> Grid:
    """Read only where a volume lies: shape and affine, no voxels."""
    return read_header(path).grid


def parse_header(stream: ByteStream) -> tuple[VolumeHeader, int]:
    """Read the header from the beginning of a stream.

    Returns
    -------
    header : VolumeHeader
        The header.
    consumed : int
        Bytes taken from the stream.
    """
    path = stream.path
    block = _read(stream, min(_HEADER_BYTES))
    size, order = _size_and_order(stream, block)
    block += _read(stream, size - len(block))
    if len(block) < size:
        raise failure("IO003", path, "the file ends within its header", "get the file again")
    header = _HEADER_BYTES[size](block, endianness=order, check=False)
    found: list[Diagnostic] = []
    codes = {name: int(header[name]) for name in ("qform_code", "sform_code")}
    offset = _data_offset(header, size, path, found)
    with np.errstate(all="ignore"):
        header.check_fix(logger=_SILENT, error_level=1000)
        for name, code in codes.items():
            if code != int(header[name]):
                text = f"{name} {code} does not exist and is not used"
                found.append(problem("IO017", path, text, severity="warning"))
        dtype = _dtype(header, path, found)
        slope, inter = _scaling(header, path, found)
        grid = _grid(header, path, found)
    if grid is None or dtype is None or has_errors(found):
        raise DiagnosticError(found)
    result = VolumeHeader(
        path=str(path),
        grid=grid,
        nifti=header,
        dtype=dtype,
        slope=slope,
        inter=inter,
        data_offset=offset,
        diagnostics=tuple(found),
    )
    return result, size


def _read(stream: ByteStream, size: int) -> bytes:
    block = bytearray(size)
    return bytes(block[: stream.fill(memoryview(block))])


def _size_and_order(stream: ByteStream, block: bytes) -> tuple[int, str]:
    path = stream.path
    if not block:
        raise failure("IO003", path, "the file is empty", "get the file again")
    _check_name(stream, block)
    for (at, magic), name in _OTHER_FORMATS.items():
        if block[at : at + len(magic)] == magic:
            raise failure("IO003", path, f"this is {name}, not a NIfTI file", CONVERT)
    for order in "<>":
        size = struct.unpack(f"{order}i", block[:4].ljust(4, b"\0"))[0]
        if size in _HEADER_BYTES and len(block) >= min(_HEADER_BYTES):
            magic = block[_MAGIC_AT[size] :][:4]
            if magic in (b"n+1\0", b"n+2\0"):
                return size, order
            if magic in (b"ni1\0", b"ni2\0"):
                raise failure(
                    "IO009",
                    path,
                    "this header keeps its voxels in a second file (.hdr and .img)",
                    "write both as one .nii.gz file, for example in 3D Slicer",
                )
            text = "the header looks like NIfTI or Analyze but does not carry the mark of NIfTI"
            raise failure("IO003", path, text, CONVERT)
    raise failure("IO003", path, "this is not a NIfTI file: its first bytes are no header", CONVERT)


def _check_name(stream: ByteStream, block: bytes) -> None:
    name = stream.path.name
    if name.endswith((".img", ".img.gz")):
        text = "this is the voxel half of a .hdr and .img pair"
        hint = "write both as one .nii.gz file, for example in 3D Slicer"
        raise failure("IO009", stream.path, text, hint)
    if name.endswith(".gz") and not stream.compressed:
        hint = "get the file again"
        if b"n+1\0" in block or b"n+2\0" in block:
            hint = f"its content is plain NIfTI: rename it to `{name[:-3]}`"
        raise failure("IO004", stream.path, "the name ends in .gz but the file is not gzip", hint)
    if name.endswith(".nii") and stream.compressed:
        text = "the name ends in .nii but the file is compressed with gzip"
        raise failure("IO004", stream.path, text, f"rename it to `{name}.gz`")


def _dtype(header: NiftiHeader, path: Path, found: list[Diagnostic]) -> np.dtype[np.generic] | None:
    try:
        dtype: np.dtype[np.generic] = header.get_data_dtype()
    except (HeaderDataError, KeyError):
        code = int(header["datatype"])
        text = f"the voxel type with NIfTI code {code} cannot be read"
        found.append(problem("IO010", path, text, "store whole numbers: uint8 or int16"))
        return None
    if dtype.kind not in "iuf":
        kind = "complex numbers" if dtype.kind == "c" else "colours"
        text = f"voxels hold {kind}, not single numbers"
        found.append(problem("IO010", path, text, "store whole numbers: uint8 or int16"))
    return dtype


def _scaling(header: NiftiHeader, path: Path, found: list[Diagnostic]) -> tuple[float, float]:
    try:
        slope, inter = header.get_slope_inter()
    except HeaderDataError:
        text = "scl_slope is set but scl_inter is not a number"
        found.append(problem("IO017", path, text, "set scl_slope to 1 and scl_inter to 0"))
        return 1.0, 0.0
    return (1.0 if slope is None else float(slope)), (0.0 if inter is None else float(inter))


def _data_offset(header: NiftiHeader, size: int, path: Path, found: list[Diagnostic]) -> int:
    offset = float(header["vox_offset"])
    if not math.isfinite(offset) or offset < size:
        text = f"vox_offset is {offset:g}: voxels cannot start inside the header"
        found.append(problem("IO017", path, text, "write the file again with nibabel or ITK"))
        return size
    return int(offset)


def _grid(header: NiftiHeader, path: Path, found: list[Diagnostic]) -> Grid | None:
    shape = _three_axes(header, path, found)
    affine = _affine(header, path, found)
    if shape is None or affine is None:
        return None
    try:
        grid = Grid(shape, affine)
    except ValueError:
        numbers = "numbers that are not finite" if not np.all(np.isfinite(affine)) else "no volume"
        text = f"the affine of this file has {numbers}: voxels have no place in the patient"
        hint = "copy the affine of the image that the file belongs to"
        found.append(problem("IO012", path, text, hint))
        return None
    _compare_forms(header, grid, path, found)
    unit = int(header["xyzt_units"]) & 7
    if unit in _UNITS:
        text = f"the header says its lengths are {_UNITS[unit]}; they are read as millimetres"
        found.append(problem("IO015", path, text, severity="warning"))
    return grid


def _three_axes(
    header: NiftiHeader, path: Path, found: list[Diagnostic]
) -> tuple[int, int, int] | None:
    shape = tuple(int(n) for n in header.get_data_shape())
    words = " x ".join(str(n) for n in shape) or "none"
    if len(shape) < 3:
        text = f"the file has {len(shape)} axes ({words}); a volume has three"
        found.append(problem("IO011", path, text))
        return None
    if min(shape) < 1:
        found.append(problem("IO011", path, f"an axis of the volume is empty ({words})"))
        return None
    if any(n != 1 for n in shape[3:]):
        text = f"the file is {len(shape)}-dimensional ({words}); one volume is needed"
        hint = "save the volume that you mean as a file of its own"
        found.append(problem("IO011", path, text, hint))
        return None
    return shape[0], shape[1], shape[2]


def _affine(header: NiftiHeader, path: Path, found: list[Diagnostic]) -> NDArray[np.float64] | None:
    if int(header["sform_code"]) > 0:
        return np.asarray(header.get_sform(), dtype=np.float64)
    if int(header["qform_code"]) > 0:
        qform = _qform(header)
        if qform is None:
            text = "the qform of this file is no rotation: voxels have no place in the patient"
            hint = "copy the affine of the image that the file belongs to"
            found.append(problem("IO012", path, text, hint))
        return qform
    found.append(
        problem(
            "IO014",
            path,
            "the header does not say how the volume lies in the patient (no sform, no qform); "
            "left and right are a guess",
            "copy the affine of the image that the file belongs to",
            severity="warning",
        )
    )
    return np.asarray(header.get_base_affine(), dtype=np.float64)


def _qform(header: NiftiHeader) -> NDArray[np.float64] | None:
    try:
        return np.asarray(header.get_qform(), dtype=np.float64)
    except (HeaderDataError, ValueError):
        return None


def _compare_forms(header: NiftiHeader, grid: Grid, path: Path, found: list[Diagnostic]) -> None:
    if int(header["sform_code"]) <= 0 or int(header["qform_code"]) <= 0:
        return
    qform = _qform(header)
    try:
        apart = math.inf if qform is None else grid.offset_mm(Grid(grid.shape, qform))
    except ValueError:
        apart = math.inf
    if apart <= FORMS_TOLERANCE_VOXELS * min(grid.spacing_mm):
        return
    how = "its qform is not valid" if math.isinf(apart) else f"up to {apart:.3g} mm apart"
    found.append(
        problem(
            "IO013",
            path,
            f"sform and qform of the header disagree ({how}); the sform is used",
            "other programs may use the qform: make both equal",
            severity="warning",
        )
    )
