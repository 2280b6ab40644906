"""The CT of a case as rules see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from vesalius.adapters.files.nifti_read import ImageVoxels


@dataclass(frozen=True, eq=False)
class CaseImage:
    """Hounsfield values of an image on the grid of the case.

    Parameters
    ----------
    voxels : ImageVoxels
        The whole image as stored.
    """

    voxels: ImageVoxels

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along i, j, k."""
        i, j, k = self.voxels.stored.shape
        return i, j, k

    def values(self, slab: tuple[slice, slice, slice]) -> NDArray[Any]:
        """Return the values of a box of voxels, in index order i, j, k."""
        return self.voxels.values(*slab)
