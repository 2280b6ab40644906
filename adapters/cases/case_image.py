"""The CT of a case: read on the same line as predictions, and seen by rules as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from vesalius.adapters.files.given import Given
from vesalius.adapters.files.hounsfield import hounsfield_doubt
from vesalius.adapters.files.image_values import ImageVoxels, check_values, read_values
from vesalius.adapters.files.nifti_header import VolumeHeader, parse_header
from vesalius.adapters.files.opened import Opened, open_given
from vesalius.adapters.files.told import Told
from vesalius.ontology.reading.diagnostics import DiagnosticError


@dataclass(frozen=True, eq=False)
class CaseImage:
    """Hounsfield values of an image on the grid of the case.

    Parameters
    ----------
    voxels : ImageVoxels
        The whole image as stored; a large one on the disk.
    """

    voxels: ImageVoxels

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along i, j, k."""
        i, j, k = self.voxels.stored.shape
        return i, j, k

    def laid_for(self, axes: tuple[int, int, int]) -> CaseImage:
        """Give it as it is read well by labels with these axes, from fastest to slowest."""
        # Their slabs lie along the slowest axis; across it each would read the file to its end.
        return self if axes[2] == len(axes) - 1 else CaseImage(self.voxels.in_memory())

    def values(self, slab: tuple[slice, slice, slice]) -> NDArray[Any]:
        """Return the values of a box of voxels, in index order i, j, k."""
        return self.voxels.values(*slab)


@dataclass(frozen=True, eq=False)
class ReadImage:
    """An image that was read to its end.

    Parameters
    ----------
    name : str
        The file, or what messages call what is in memory.
    digest : str
        sha256 of the file's bytes; of what was in memory, of its shape, type, affine and voxels.
    values : CaseImage or None
        None where nobody asks for them, or where they are no Hounsfield units.
    doubted : CaseImage or None
        Values that are no Hounsfield units, where some are no number either; these are counted.
    """

    name: str
    digest: str
    values: CaseImage | None
    doubted: CaseImage | None = None


def read_case_image(given: Given, *, keep: bool) -> tuple[VolumeHeader | None, Told[ReadImage]]:
    """Read the CT of a case: open, header, values.

    Parameters
    ----------
    given : Path, GivenImage or GivenArray
        The CT.
    keep : bool
        Whether its values are wanted; else they are only seen to be sound.

    Returns
    -------
    header : VolumeHeader or None
        Says where the case lies, even if the values that follow are damaged.
    image : Told of ReadImage
        IO0xx; a remark IO019 where the values are no Hounsfield units.
    """
    try:
        with open_given(given) as opened:
            header = Told[Opened](opened).then(_header)
            return header.value, header.then(lambda h: _values(opened, h, keep))
    except DiagnosticError as error:
        return None, Told(None, (), error.diagnostics)


def _header(opened: Opened) -> Told[VolumeHeader]:
    header = parse_header(opened)
    return Told(header, header.diagnostics)


def _values(opened: Opened, header: VolumeHeader, keep: bool) -> Told[ReadImage]:
    if not keep:
        return Told(ReadImage(header.name, check_values(opened, header), None))
    voxels = read_values(opened, header)
    doubt = hounsfield_doubt(header.name, voxels)
    if doubt is not None:
        doubted = CaseImage(voxels) if voxels.without_number() else None
        return Told(ReadImage(header.name, voxels.digest, None, doubted), (doubt,))
    return Told(ReadImage(header.name, voxels.digest, CaseImage(voxels)))
