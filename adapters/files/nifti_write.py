"""Write label maps as NIfTI: the reference's place in space, unsigned labels, nothing scaled."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from numpy.typing import NDArray

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.gzip_stream import BLOCK_BYTES, gzip_writer
from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.files.label_values import LARGEST_LABEL
from vesalius.adapters.files.nifti_header import NiftiHeader
from vesalius.engine.grid import Grid

INTENT_LABEL = 1002
"""NIfTI intent code of label maps."""
LONGEST_AXIS_1 = 32767
"""Longest axis that a NIfTI-1 header can say; NIfTI-2 is written beyond."""

_SCANNER = 1  # sform and qform code: scanner coordinates
_NO_EXTENSIONS = b"\0\0\0\0"
_SUFFIXES = (".nii.gz", ".nii")


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
        kept; its extensions are not, they describe other voxels (and can name the patient).
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
    labels: NDArray[np.integer],
    grid: Grid,
    like: NiftiHeader | None = None,
    *,
    level: int = 1,
) -> None:
    """Write a label map as one of several outputs; see `write_labels`."""
    path = Path(path)
    if not path.name.endswith(_SUFFIXES):
        hint = f"call it `{path.name}.nii.gz`"
        raise failure("IO050", path, "a label map needs a name that ends in .nii.gz or .nii", hint)
    if labels.shape != grid.shape:
        raise ValueError(f"labels of shape {labels.shape} on a grid of shape {grid.shape}")
    dtype = label_dtype(labels)
    header = label_header(grid, dtype, like)
    with outputs.create(path) as file:
        if path.name.endswith(".gz"):
            with gzip_writer(file, level) as compressed:
                _write(compressed, header, labels, dtype)
        else:
            _write(file, header, labels, dtype)


def label_dtype(labels: NDArray[np.integer]) -> np.dtype[np.unsignedinteger]:
    """Choose uint8 or uint16 for labels; numbers that are no labels are refused, never wrapped."""
    if labels.dtype == np.uint8:
        return np.dtype(np.uint8)
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels are whole numbers, not {labels.dtype}")
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or highest > LARGEST_LABEL:
        raise ValueError(f"labels {lowest}..{highest} are outside 0..{LARGEST_LABEL}")
    fits_byte = highest <= np.iinfo(np.uint8).max and labels.dtype != np.uint16
    return np.dtype(np.uint8 if fits_byte else np.uint16)


def label_header(
    grid: Grid, dtype: np.dtype[np.unsignedinteger], like: NiftiHeader | None = None
) -> NiftiHeader:
    """Build the header of a label map on a grid, after the header of its reference image."""
    header = _blank(grid, like)
    header.set_data_dtype(dtype)
    header.set_data_shape(grid.shape)
    if like is None or not _says_grid(header, grid):
        code = _SCANNER if like is None else (int(header["sform_code"]) or _SCANNER)
        header.set_qform(grid.affine, code=code, strip_shears=True)
        header.set_sform(grid.affine, code=code)
    if like is None:
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


def _says_grid(header: NiftiHeader, grid: Grid) -> bool:
    if int(header["sform_code"]) > 0:
        return bool(np.array_equal(header.get_sform(), grid.affine))
    if int(header["qform_code"]) > 0:
        return bool(np.allclose(header.get_qform(), grid.affine, rtol=0, atol=1e-5))
    return bool(np.array_equal(header.get_base_affine(), grid.affine))


def _write(
    file: BinaryIO,
    header: NiftiHeader,
    labels: NDArray[np.integer],
    dtype: np.dtype[np.unsignedinteger],
) -> None:
    """Write header and voxels, slab by slab along the slowest axis of the file."""
    file.write(header.binaryblock)
    file.write(_NO_EXTENSIONS)
    plane = labels.shape[0] * labels.shape[1] * dtype.itemsize
    step = max(1, BLOCK_BYTES // plane)
    for first in range(0, labels.shape[2], step):
        slab = labels[:, :, first : first + step].astype(dtype.newbyteorder("<"), copy=False)
        file.write(np.ascontiguousarray(slab.reshape(-1, order="F")).data.cast("B"))
