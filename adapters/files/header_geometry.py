"""What a header says of size, place and direction in more than one field, held together.

Readers trust different fields: nibabel the sform, others the qform with its sign in ``pixdim[0]``,
others ``pixdim`` and the unit. Where two fields differ, a second program sees another patient.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.nifti_bytes import NiftiHeader
from vesalius.engine.runs.grid import Grid

FORMS_TOLERANCE_VOXELS: Final = 0.5
"""sform and qform that place a corner further apart than this share of the smallest voxel
edge disagree. Rounding of the qform's float32 quaternion near half a turn stays below it."""

_UNIT_MM: Final = {1: ("metres", 1000.0), 3: ("micrometres", 0.001)}
_LARGEST_VOXEL_MM: Final = 100.0
_SMALLEST_VOXEL_MM: Final = 0.03
"""A unit is believed where it makes voxels of a size between these: scanners of patients and
of small animals lie within, and a factor of 1000 leads out."""
_FAR_BEYOND: Final = 10.0
_SAME_SIZE: Final = 1e-3
_DIRECTIONS: Final = ("left and right", "front and back", "top and bottom")


@dataclass(frozen=True)
class Contradiction:
    """Two fields that do not agree.

    Parameters
    ----------
    code : str
        IO013, IO015 or IO017.
    text : str
        What each says, and which is used.
    hint : str or None
        What can be done.
    """

    code: str
    text: str
    hint: str | None = None


@dataclass(frozen=True, eq=False)
class Written:
    """The fields of a header that nibabel mends in silence, as they were written.

    Parameters
    ----------
    pixdim : ndarray of float, shape (8,)
        Sign of the qform, then lengths.
    dim : tuple of int
        Number of axes, then their lengths.
    bitpix : int
        Bits per voxel.
    """

    pixdim: NDArray[np.float64]
    dim: tuple[int, ...]
    bitpix: int


def as_written(header: NiftiHeader) -> Written:
    """Note the fields of a header before anything in it is mended."""
    return Written(
        pixdim=np.array(header["pixdim"], dtype=np.float64),
        dim=tuple(int(n) for n in header["dim"]),
        bitpix=int(header["bitpix"]),
    )


def unit_scale(header: NiftiHeader, affine: NDArray[Any]) -> tuple[float, Contradiction | None]:
    """Say by how much lengths are multiplied to be millimetres.

    Parameters
    ----------
    header : Nifti1Header or Nifti2Header
        Names the unit.
    affine : ndarray of float, shape (4, 4)
        In that unit.
    """
    code = int(header["xyzt_units"]) & 7
    if code in (0, 2):
        return 1.0, None
    if code not in _UNIT_MM:
        text = f"the unit of its lengths has code {code}, which does not exist"
        return 1.0, Contradiction("IO015", f"{text}; they are read as millimetres")
    unit, factor = _UNIT_MM[code]
    edges = np.linalg.norm(affine[:3, :3], axis=0) * factor
    if np.all((edges >= _SMALLEST_VOXEL_MM) & (edges <= _LARGEST_VOXEL_MM)):
        text = f"the header says its lengths are {unit}; they are turned into millimetres"
        return factor, Contradiction("IO015", text)
    text = f"the header says its lengths are {unit}; they are read as millimetres"
    return 1.0, Contradiction("IO015", text)


def strange_lengths(grid: Grid) -> Iterator[Contradiction]:
    """Doubt voxels of a size that no scanner makes.

    Parameters
    ----------
    grid : Grid
        Shape and affine, in millimetres.
    """
    least, most = _SMALLEST_VOXEL_MM / _FAR_BEYOND, _LARGEST_VOXEL_MM * _FAR_BEYOND
    if all(least <= edge <= most for edge in grid.spacing_mm):
        return
    edges = " x ".join(f"{edge:.4g}" for edge in grid.spacing_mm)
    text = f"voxels of {edges} mm are made by no scanner; volumes and distances follow them"
    yield Contradiction("IO015", text, "copy the affine of the image that the file belongs to")


def contradictions(
    header: NiftiHeader, written: Written, grid: Grid, scale: float
) -> Iterator[Contradiction]:
    """Compare all fields that state size, place or direction.

    Parameters
    ----------
    header : Nifti1Header or Nifti2Header
        As it is used.
    written : Written
        As it was found.
    grid : Grid
        Shape and affine that were taken from it, in millimetres.
    scale : float
        Lengths of the header times this are millimetres.
    """
    by_sform, by_qform = (int(header[f"{form}_code"]) > 0 for form in ("sform", "qform"))
    yield from _axes(written)
    if by_qform:
        yield from _sign(float(written.pixdim[0]))
    if by_sform and by_qform:
        yield from _forms(header, grid, scale)
    elif by_sform:
        yield from _lengths(written, grid, scale)
        yield from _shear(grid)
    else:
        yield from _no_length(written)


def bits(written: Written, dtype: np.dtype[Any]) -> Iterator[Contradiction]:
    """Compare the two fields that say how large a voxel's number is."""
    size = 8 * dtype.itemsize
    if written.bitpix != size:
        text = (
            f"bitpix says {written.bitpix} bits per voxel, the voxel type {dtype.name} has {size}; "
            "the type is used"
        )
        yield Contradiction("IO017", text)


def qform_of(header: NiftiHeader) -> NDArray[np.float64] | None:
    """Give the qform, shape (4, 4), or None where its quaternion is no rotation."""
    from nibabel.spatialimages import HeaderDataError  # noqa: PLC0415 - a plain header needs none

    try:
        return np.asarray(header.get_qform(), dtype=np.float64)
    except (HeaderDataError, ValueError):
        return None


def _axes(written: Written) -> Iterator[Contradiction]:
    number, *lengths = written.dim
    if not 0 < number < len(written.dim):
        return
    beyond = [n for n in lengths[number:] if n > 1]
    if beyond:
        text = (
            f"dim says {number} axes, and yet a further one of {beyond[0]}; "
            f"{' x '.join(map(str, lengths[:number]))} voxels are read"
        )
        yield Contradiction("IO017", text)


def _sign(sign: float) -> Iterator[Contradiction]:
    # 0 stands for 1, as NIfTI says.
    if sign not in (-1.0, 0.0, 1.0):
        text = f"pixdim[0] is {sign:g}; the sign of the qform is 1 or -1, and 1 is taken"
        yield Contradiction("IO017", text, "make sure of left and right")


def _lengths(written: Written, grid: Grid, scale: float) -> Iterator[Contradiction]:
    lengths = written.pixdim[1:4] * scale
    edges = np.array(grid.spacing_mm)
    with np.errstate(invalid="ignore"):
        same = np.abs(lengths - edges) <= _SAME_SIZE * edges
    if not np.all(same):
        text = (
            f"pixdim says voxels of {_sizes(lengths)} mm, the sform of {_sizes(edges)} mm; "
            "the sform is used"
        )
        yield Contradiction("IO017", text, "other programs may use pixdim: make both equal")


def _shear(grid: Grid) -> Iterator[Contradiction]:
    apart = _sheared_by_mm(grid)
    if apart <= FORMS_TOLERANCE_VOXELS * min(grid.spacing_mm):
        return
    text = (
        f"the axes of the sform are not perpendicular: without the shear, corners lie up to "
        f"{apart:.3g} mm elsewhere; the sform is used as it is"
    )
    hint = "programs that know no shear, such as those built on ITK, refuse it or see another place"
    yield Contradiction("IO017", text, hint)


def _sheared_by_mm(grid: Grid) -> float:
    """Give how far corners lie from where the nearest perpendicular axes would place them."""
    spacing = np.array(grid.spacing_mm)
    u, _, v = np.linalg.svd(grid.affine[:3, :3] / spacing)
    straight = grid.affine.copy()
    straight[:3, :3] = u @ v * spacing
    return grid.offset_mm(Grid(grid.shape, straight))


def _no_length(written: Written) -> Iterator[Contradiction]:
    lengths = written.pixdim[1:4]
    if not np.all(np.isfinite(lengths) & (lengths > 0)):
        text = (
            f"pixdim says voxels of {_sizes(lengths)} mm; a length of 0 is read as 1 mm, "
            "a negative one without its sign"
        )
        yield Contradiction("IO017", text, "make sure of the spacing")


def _forms(header: NiftiHeader, grid: Grid, scale: float) -> Iterator[Contradiction]:
    qform = qform_of(header)
    try:
        other = None if qform is None else Grid(grid.shape, np.diag([scale] * 3 + [1.0]) @ qform)
    except ValueError:
        other = None
    apart = math.inf if other is None else grid.offset_mm(other)
    if apart <= FORMS_TOLERANCE_VOXELS * min(grid.spacing_mm):
        return
    how = "its qform is not valid" if other is None else _difference(grid, other, apart)
    text = f"sform and qform of the header disagree ({how}); the sform is used"
    yield Contradiction("IO013", text, "other programs may use the qform: make both equal")


def _difference(grid: Grid, other: Grid, apart: float) -> str:
    """Say in what two placements differ, what matters most first."""
    said = []
    mine, theirs = _orientation(grid), _orientation(other)
    if not np.array_equal(mine[:, 0], theirs[:, 0]):
        said.append("axes in another order")
    else:
        turned = [int(axis) for axis, a, b in zip(mine[:, 0], mine[:, 1], theirs[:, 1], strict=True)
                  if a != b]  # fmt: skip
        if turned:
            said.append(f"{' and '.join(_DIRECTIONS[axis] for axis in sorted(turned))} exchanged")
    if not np.allclose(grid.spacing_mm, other.spacing_mm, rtol=_SAME_SIZE, atol=0):
        said.append(f"voxels of {_sizes(grid.spacing_mm)} and of {_sizes(other.spacing_mm)} mm")
    if _sheared_by_mm(grid) > FORMS_TOLERANCE_VOXELS * min(grid.spacing_mm):
        said.append("the sform is sheared")
    return "; ".join([*said, f"up to {apart:.3g} mm apart"])


def _orientation(grid: Grid) -> NDArray[np.float64]:
    from nibabel.orientations import io_orientation  # noqa: PLC0415

    return np.asarray(io_orientation(grid.affine))  # type: ignore[no-untyped-call]


def _sizes(lengths: Iterable[float]) -> str:
    return " x ".join(f"{float(length):.4g}" for length in lengths)
