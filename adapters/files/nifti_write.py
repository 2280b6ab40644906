"""Write label maps as NIfTI: the reference's place in space, unsigned labels, nothing scaled."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.gzip_stream import BLOCK_BYTES, gzip_writer
from vesalius.adapters.files.header_geometry import FORMS_TOLERANCE_VOXELS, qform_of
from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.files.label_values import LARGEST_LABEL
from vesalius.adapters.files.nifti_bytes import NiftiHeader
from vesalius.adapters.files.nifti_names import NIFTI_ENDINGS
from vesalius.adapters.files.plain_header import (
    GUESSED,
    VOXEL_TYPES,
    PlainHeader,
    labels_block,
)
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap, decode, decode_range
from vesalius.engine.runs.labelmap import label_dtype as dtype_of_runs

INTENT_LABEL = 1002
"""NIfTI intent code of label maps."""
LONGEST_AXIS_1 = 32767
"""Longest axis that a NIfTI-1 header can say; NIfTI-2 is written beyond."""

_CODES = {written[1:]: code for code, written in VOXEL_TYPES.items()}
_ROUNDED_VOXELS = 0.05
"""A qform that strays less than this is the affine, rounded to float32."""
_RIGHT_ANGLE = 1e-5
"""Cosine between two axes that still counts as none, for float32."""
_SCANNER = 1  # sform and qform code: scanner coordinates
_NO_EXTENSIONS = b"\0\0\0\0"


def write_labels(
    path: str | Path,
    labels: NDArray[np.integer],
    grid: Grid,
    like: NiftiHeader | None = None,
    *,
    level: int = 1,
    inputs: Iterable[str | Path] = (),
) -> None:
    """Write one label map, whole or not at all.

    Parameters
    ----------
    path : str or Path
        Ends in ``.nii.gz`` or ``.nii``.
    labels : ndarray of int, shape (i, j, k)
        Whole numbers 0..65535 in any memory order. uint8 and uint16 are written as they are,
        other types as the smaller of the two that holds them.
    grid : Grid
        Where the voxels lie.
    like : Nifti1Header or None
        Header of the reference image. Its affines, their codes and its descriptive fields are
        kept where all that it says of size, place and direction is this grid; else the grid is
        written anew into every field. Its extensions are not kept, they describe other voxels
        (and can name the patient).
    level : int
        Compression, 0 (fastest) to 3 (smallest).
    inputs : iterable of str or Path
        Files that were read and must not be replaced.

    Raises
    ------
    DiagnosticError
        IO050 no permission or no folder; IO051 disk full; IO052 the output is an input.
    ValueError
        If the shapes disagree or a number is no label.
    """
    with Outputs(inputs=inputs) as outputs:
        add_labels(outputs, path, labels, grid, like, level=level)


def add_labels(
    outputs: Outputs,
    path: str | Path,
    labels: NDArray[np.integer] | LabelMap,
    grid: Grid,
    like: NiftiHeader | None = None,
    *,
    dtype: DTypeLike | None = None,
    level: int = 1,
) -> None:
    """Write a label map as one of several outputs; see `write_labels`.

    Parameters
    ----------
    outputs : Outputs
        Written all or none.
    path, labels, grid, like, level
        As of `write_labels`. Runs become voxels a few million at a time.
    dtype : dtype, optional
        Type of the voxels of runs; by default the smaller of uint8 and uint16 that holds them.
    """
    path = Path(path)
    if not path.name.endswith(NIFTI_ENDINGS):
        hint = f"call it `{path.name}.nii.gz`"
        raise failure("IO050", path, "a label map needs a name that ends in .nii.gz or .nii", hint)
    shape = labels.grid.shape if isinstance(labels, LabelMap) else labels.shape
    if shape != grid.shape:
        raise ValueError(f"labels of shape {shape} on a grid of shape {grid.shape}")
    kind = dtype_of_runs(labels, dtype) if isinstance(labels, LabelMap) else label_dtype(labels)
    header = _header_block(grid, kind, like)
    with outputs.create(path) as file:
        if path.name.endswith(".gz"):
            with gzip_writer(file, level) as compressed:
                _write(compressed, header, labels, kind)
        else:
            _write(file, header, labels, kind)


def label_dtype(labels: NDArray[np.integer]) -> np.dtype[np.unsignedinteger]:
    """Choose uint8 or uint16 for labels; numbers that are no labels are refused, never wrapped.

    Raises
    ------
    ValueError
        Where they are no whole numbers, or lie outside 0..65535.
    """
    if labels.dtype == np.uint8:
        return np.dtype(np.uint8)
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels are whole numbers, not {labels.dtype}")
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or highest > LARGEST_LABEL:
        raise ValueError(f"labels {lowest}..{highest} are outside 0..{LARGEST_LABEL}")
    fits_byte = highest <= np.iinfo(np.uint8).max and labels.dtype != np.uint16
    return np.dtype(np.uint8 if fits_byte else np.uint16)


def _header_block(
    grid: Grid, dtype: np.dtype[np.unsignedinteger], like: NiftiHeader | None
) -> bytes:
    """Give the bytes of a label map's header."""
    if isinstance(like, PlainHeader):
        plain = labels_block(like, grid.shape, grid.affine, _CODES[dtype.str[1:]], INTENT_LABEL)
        if plain is not None:
            return plain
    return bytes(label_header(grid, dtype, like).binaryblock)


def label_header(
    grid: Grid, dtype: np.dtype[np.unsignedinteger], like: NiftiHeader | None = None
) -> NiftiHeader:
    """Build the header of a label map on a grid, after the header of its reference image."""
    from nibabel.nifti2 import Nifti2Header  # noqa: PLC0415 - a plain reference needs none of it

    if isinstance(like, PlainHeader):
        like = like.full
    header = _blank(grid, like)
    header.set_data_dtype(dtype)
    header.set_data_shape(grid.shape)
    if like is None or not _says_only(header, grid):
        _place(header, grid, like)
    if like is None or not _in_mm(like):
        header.set_xyzt_units("mm")
    header["pixdim"][4:] = 1
    header["vox_offset"] = header.single_vox_offset
    header["scl_slope"], header["scl_inter"] = 1, 0
    header["cal_min"] = header["cal_max"] = header["toffset"] = 0
    header["intent_code"], header["intent_name"] = INTENT_LABEL, b""
    header["intent_p1"] = header["intent_p2"] = header["intent_p3"] = 0
    header["aux_file"] = b""
    if not isinstance(header, Nifti2Header):
        header["glmin"] = header["glmax"] = 0
    return header


def _blank(grid: Grid, like: NiftiHeader | None) -> NiftiHeader:
    """Copy the reference's header (without extensions), or start anew; little-endian."""
    from nibabel.nifti1 import Nifti1Header  # noqa: PLC0415
    from nibabel.nifti2 import Nifti2Header  # noqa: PLC0415

    long = max(grid.shape) > LONGEST_AXIS_1
    blank: NiftiHeader = Nifti2Header if long else Nifti1Header
    if like is None:
        return blank(endianness="<")
    ordered = like.as_byteswapped("<")
    if long and not isinstance(like, Nifti2Header):
        header = blank(endianness="<")
        for key in set(header.keys()) & set(ordered.keys()) - {"sizeof_hdr", "magic", "dim"}:
            header[key] = ordered[key]
        return header
    return type(like)(ordered.binaryblock, endianness="<", check=False)


def _says_only(header: NiftiHeader, grid: Grid) -> bool:
    """Tell whether every field that states a place states this one: then all are kept."""
    sform, qform = (int(header[f"{form}_code"]) > 0 for form in ("sform", "qform"))
    if not sform and not qform:
        # nibabel and ITK take this for two different places.
        return False
    if not _in_mm(header):
        return False
    if sform and not np.array_equal(header.get_sform(), grid.affine):
        return False
    if not qform and not _at_right_angles(grid):
        # ITK takes no such sform; a qform beside it says nearly the same.
        return False
    if qform:
        affine = qform_of(header)
        if affine is None or _drift_voxels(affine, grid) > _ROUNDED_VOXELS:
            return False
    return bool(np.allclose(header["pixdim"][1:4], grid.spacing_mm, rtol=1e-4, atol=0))


def _at_right_angles(grid: Grid) -> bool:
    directions = grid.affine[:3, :3] / np.array(grid.spacing_mm)
    return bool(np.abs(directions.T @ directions - np.eye(3)).max() < _RIGHT_ANGLE)


def _in_mm(header: NiftiHeader) -> bool:
    """Tell whether lengths are millimetres, or nothing is said: all readers then take them so."""
    return int(header["xyzt_units"]) & 7 in (0, 2)


def _place(header: NiftiHeader, grid: Grid, like: NiftiHeader | None) -> None:
    """Say the place in all fields alike; a qform only where it can say the same."""
    code = _SCANNER
    if like is not None:
        code = int(header["sform_code"]) or int(header["qform_code"]) or _SCANNER
        if not int(header["sform_code"]) and not int(header["qform_code"]):
            header["descrip"] = GUESSED
    header.set_sform(grid.affine, code=code)
    header.set_qform(grid.affine, code=code, strip_shears=True)
    rigid = qform_of(header)
    if rigid is None or _drift_voxels(rigid, grid) > FORMS_TOLERANCE_VOXELS:
        header["qform_code"] = 0


def _drift_voxels(affine: NDArray[np.float64], grid: Grid) -> float:
    try:
        return grid.offset_mm(Grid(grid.shape, affine)) / min(grid.spacing_mm)
    except ValueError:
        return float("inf")


def _write(
    file: BinaryIO,
    header: bytes,
    labels: NDArray[np.integer] | LabelMap,
    dtype: np.dtype[np.unsignedinteger],
) -> None:
    """Write header and voxels, slab by slab along the slowest axis of the file."""
    if isinstance(labels, LabelMap) and labels.axes != (0, 1, 2):
        labels = decode(labels, dtype, order="F")
    i, j, k = labels.grid.shape if isinstance(labels, LabelMap) else labels.shape
    file.write(header)
    file.write(_NO_EXTENSIONS)
    step = max(1, BLOCK_BYTES // (i * j * dtype.itemsize))
    for first in range(0, k, step):
        if isinstance(labels, LabelMap):
            slab = decode_range(labels, i * j * first, i * j * min(first + step, k), dtype)
        else:
            slab = labels[:, :, first : first + step].reshape(-1, order="F")
        stored = slab.astype(dtype.newbyteorder("<"), copy=False)
        file.write(np.ascontiguousarray(stored).data.cast("B"))
