"""The CT of a case as rules see it: read from its file when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from vesalius.adapters.files.nifti_read import ImageVoxels, read_image


class CaseImage:
    """Hounsfield values of an image file.

    Parameters
    ----------
    path : str
        The file, already known to be readable and on the grid of the case.
    shape : tuple of int
        Number of voxels along i, j, k.
    """

    def __init__(self, path: str, shape: tuple[int, int, int]) -> None:
        self._path = path
        self.shape = shape

    @cached_property
    def _voxels(self) -> ImageVoxels:
        return read_image(self._path).load()

    def values(self, slab: tuple[slice, slice, slice]) -> NDArray[Any]:
        """Return the values of a box of voxels, in index order i, j, k."""
        return self._voxels.values(*slab)
