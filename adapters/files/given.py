"""What can be given to be read: a path, an image of nibabel, or an array with its affine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from nibabel.spatialimages import SpatialImage
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class GivenImage:
    """An image of nibabel.

    Parameters
    ----------
    image : nibabel.spatialimages.SpatialImage
        Read through its `dataobj`; neither it nor its header is changed.
    name : str
        What messages call it, such as "the image given for totalsegmentator_v2".
    """

    image: SpatialImage
    name: str


@dataclass(frozen=True, eq=False)
class GivenArray:
    """An array and where its voxels lie.

    Parameters
    ----------
    array : array_like, shape (i, j, k)
        Labels or values of an image; in any memory order, never changed.
    affine : array_like of float, shape (4, 4)
        Maps voxel index (i, j, k, 1) to patient position in millimetres, RAS+.
    name : str
        What messages call it, such as "the array given for totalsegmentator_v2".
    """

    array: ArrayLike
    affine: ArrayLike
    name: str


InMemory: TypeAlias = GivenImage | GivenArray
Given: TypeAlias = Path | InMemory
"""Of a path it is known only when it is opened whether it is a file or a folder of masks."""
Noun: TypeAlias = Literal["file", "image", "array"]
"""What messages call a thing that was opened."""


def given_name(given: str | Given) -> str:
    """Say what messages and reports call it."""
    return given.name if isinstance(given, InMemory) else str(given)


def given_paths(given: Given) -> tuple[Path, ...]:
    """Give the file or folder it is read from; none of what is in memory alone."""
    if isinstance(given, GivenImage):
        file = given.image.get_filename()
        return () if file is None else (Path(file),)
    return (given,) if isinstance(given, Path) else ()
