"""Headers that need no care: NIfTI-1 as nearly every program writes it, read without nibabel.

Importing nibabel takes longer than all else that reading a header does. What is plain says each
thing once, in one way: little-endian, three axes, a voxel type of whole or real numbers, a valid
sform, and a qform that agrees with it. All other headers go through nibabel, which knows what to
make of them; so does a plain one that is asked for more than its fields.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES: Final = 348
DTYPE: Final = np.dtype(
    [
        ("sizeof_hdr", "<i4"), ("data_type", "S10"), ("db_name", "S18"), ("extents", "<i4"),
        ("session_error", "<i2"), ("regular", "S1"), ("dim_info", "u1"), ("dim", "<i2", 8),
        ("intent_p1", "<f4"), ("intent_p2", "<f4"), ("intent_p3", "<f4"), ("intent_code", "<i2"),
        ("datatype", "<i2"), ("bitpix", "<i2"), ("slice_start", "<i2"), ("pixdim", "<f4", 8),
        ("vox_offset", "<f4"), ("scl_slope", "<f4"), ("scl_inter", "<f4"), ("slice_end", "<i2"),
        ("slice_code", "u1"), ("xyzt_units", "u1"), ("cal_max", "<f4"), ("cal_min", "<f4"),
        ("slice_duration", "<f4"), ("toffset", "<f4"), ("glmax", "<i4"), ("glmin", "<i4"),
        ("descrip", "S80"), ("aux_file", "S24"), ("qform_code", "<i2"), ("sform_code", "<i2"),
        ("quatern", "<f4", 3), ("qoffset", "<f4", 3), ("srow", "<f4", (3, 4)),
        ("intent_name", "S16"), ("magic", "S4"),
    ]
)  # fmt: skip
"""The fields of NIfTI-1 (nifti1.h), those of one kind together."""
_NAMES: Final = frozenset(DTYPE.names or ()) - {"quatern", "qoffset", "srow"}
"""Those that are called as nibabel calls them."""
VOXEL_TYPES: Final = {
    2: "<u1", 4: "<i2", 8: "<i4", 16: "<f4", 64: "<f8", 256: "<i1", 512: "<u2", 768: "<u4",
    1024: "<i8", 1280: "<u8",
}  # fmt: skip
"""NIfTI's code of a voxel type to numpy's."""
MAGIC: Final = b"n+1"
FIRST_VOXEL: Final = 352
FORM_CODES: Final = range(1, 6)
GUESSED: Final = b"orientation guessed"
"""Description in label maps that were written after a header without any orientation."""
_MILLIMETRES: Final = (0, 2)
_AGREE_VOXELS: Final = 0.04
"""Forms whose corners are no further apart are one; nibabel looks at the others."""
_HALF_TURN: Final = 3 * float(np.finfo(np.float32).eps)
"""What is left for `a` of a quaternion of half a turn, once b, c and d are rounded."""
_SAME_SIZE: Final = 1e-4
_RIGHT_ANGLE: Final = 1e-5
"""Cosine between two axes that still counts as none, for float32."""


class PlainHeader:
    """The header of a file, as its bytes. What it has not itself nibabel's header of it has.

    Parameters
    ----------
    block : bytes, 348
        As in the file.
    """

    endianness = "<"

    def __init__(self, block: bytes) -> None:
        self.binaryblock = block
        self.fields = np.frombuffer(block, DTYPE)[0]
        self._full: Any = None

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a number, numbers or bytes
        """Give a field."""
        return self.fields[name] if name in _NAMES else self.full[name]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever nibabel has
        """Ask nibabel's header."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.full, name)

    def __reduce__(self) -> tuple[type[PlainHeader], tuple[bytes]]:
        """Travel as bytes."""
        return PlainHeader, (self.binaryblock,)

    @property
    def full(self) -> Any:  # noqa: ANN401 - a Nifti1Header, whose methods carry no types
        """The same header as nibabel has it."""
        if self._full is None:
            from nibabel.nifti1 import Nifti1Header  # noqa: PLC0415 - only where it is asked for

            kind: Any = Nifti1Header  # its methods carry no types
            self._full = kind(self.binaryblock, endianness="<", check=False)
        return self._full

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along each axis."""
        i, j, k = self["dim"][1:4].tolist()
        return i, j, k

    @property
    def dtype(self) -> np.dtype[Any]:
        """Voxel type as stored."""
        return np.dtype(VOXEL_TYPES[int(self["datatype"])])

    @property
    def slope_inter(self) -> tuple[float, float]:
        """Voxel value = slope * stored + inter; a slope of 0 says that nothing is scaled."""
        slope, inter = float(self["scl_slope"]), float(self["scl_inter"])
        return (1.0, 0.0) if slope == 0 else (slope, inter)

    @property
    def affine(self) -> NDArray[np.float64]:
        """The sform: voxel index to patient position in mm, RAS+; shape (4, 4)."""
        return np.vstack([self.fields["srow"].astype(np.float64), [0.0, 0.0, 0.0, 1.0]])


def plain_header(block: bytes) -> PlainHeader | None:
    """Give the header that a file begins with, where it is plain.

    Parameters
    ----------
    block : bytes
        The first bytes of the file; 348 are looked at.

    Returns
    -------
    PlainHeader or None
        None where anything about it wants care.
    """
    if len(block) < HEADER_BYTES:
        return None
    header = PlainHeader(bytes(block[:HEADER_BYTES]))
    with np.errstate(all="ignore"):
        return header if _is_plain(header) and _says_one_place(header) else None


def labels_block(
    like: PlainHeader, shape: tuple[int, ...], affine: NDArray[np.float64], code: int, intent: int
) -> bytes | None:
    """Give the header of a label map on the grid of a reference image.

    Parameters
    ----------
    like : PlainHeader
        Of the reference image.
    shape : tuple of int
        Of the label map.
    affine : ndarray of float, shape (4, 4)
        Where its voxels lie.
    code, intent : int
        NIfTI's codes of its voxel type and of what it is.

    Returns
    -------
    bytes or None
        None where the label map lies elsewhere.
    """
    if shape != like.shape or not np.array_equal(like.affine, affine):
        return None
    fields = np.frombuffer(like.binaryblock, DTYPE).copy()
    fields["dim"][0] = [3, *shape, 1, 1, 1, 1]
    fields["pixdim"][0, 4:] = 1
    fields["datatype"] = code
    fields["bitpix"] = 8 * np.dtype(VOXEL_TYPES[code]).itemsize
    fields["vox_offset"] = FIRST_VOXEL
    fields["scl_slope"], fields["scl_inter"] = 1, 0
    fields["intent_code"] = intent
    for name in ("intent_name", "aux_file"):
        fields[name] = b""
    for name in ("cal_min", "cal_max", "toffset", "intent_p1", "intent_p2", "intent_p3"):
        fields[name] = 0
    fields["glmin"] = fields["glmax"] = 0
    return fields.tobytes()


def _is_plain(header: PlainHeader) -> bool:
    code, offset = int(header["datatype"]), float(header["vox_offset"])
    slope, inter = float(header["scl_slope"]), float(header["scl_inter"])
    spacing = header["pixdim"][1:4]
    return (
        int(header["sizeof_hdr"]) == HEADER_BYTES
        and bytes(header["magic"]) == MAGIC
        and int(header["dim"][0]) == 3
        and int(header["dim"][1:4].min()) > 0
        and int(header["dim"][4:].max()) <= 1
        and bytes(header["descrip"]) != GUESSED
        and code in VOXEL_TYPES
        and int(header["bitpix"]) == 8 * np.dtype(VOXEL_TYPES[code]).itemsize
        and bool(np.all(np.isfinite(spacing) & (spacing > 0)))
        and float(header["pixdim"][0]) in (-1.0, 1.0)
        and math.isfinite(offset)
        and offset >= FIRST_VOXEL
        and math.isfinite(slope)
        and math.isfinite(inter)
        and int(header["xyzt_units"]) & 7 in _MILLIMETRES
        and int(header["sform_code"]) in FORM_CODES
        and int(header["qform_code"]) in (0, *FORM_CODES)
        and bool(np.all(np.isfinite(header.fields["srow"])))
    )


def _says_one_place(header: PlainHeader) -> bool:
    """Tell whether spacing and qform, where there is one, say what the sform says.

    Beside a sform without a qform stand right angles: ITK takes no other.

    A quaternion (a, b, c, d) of which only b, c, d are stored turns (nifti1.h, method 2); pixdim[0]
    says whether the third axis is mirrored.
    """
    axes = header.affine[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    spacing = header["pixdim"][1:4].astype(np.float64)
    if not np.all(np.abs(spacing - lengths) <= _SAME_SIZE * lengths):
        return False
    if int(header["qform_code"]) == 0:
        directions = axes / lengths
        return float(np.abs(directions.T @ directions - np.eye(3)).max()) < _RIGHT_ANGLE
    b, c, d = header.fields["quatern"].astype(np.float64).tolist()
    rest = 1.0 - (b * b + c * c + d * d)
    a = math.sqrt(rest) if rest > _HALF_TURN else 0.0
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    mirrored = [1, 1, float(header["pixdim"][0])]
    qform = np.column_stack([turn * spacing * mirrored, header.fields["qoffset"]])
    corners = np.array(np.meshgrid(*([0, n - 1] for n in header.shape))).reshape(3, -1)
    apart = (qform - header.affine[:3]) @ np.vstack([corners, np.ones(corners.shape[1])])
    furthest = float(np.linalg.norm(apart, axis=0).max())
    # Numbers that are none compare false.
    return rest >= -_HALF_TURN and furthest <= _AGREE_VOXELS * float(lengths.min())
