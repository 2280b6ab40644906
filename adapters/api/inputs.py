"""What a user gives: segmentations, images and what is known of the patient."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from vesalius.adapters.cases.map_result import MapResult
from vesalius.adapters.cases.sexes import SEXES
from vesalius.adapters.files.given import Given, GivenArray, GivenImage
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest

if TYPE_CHECKING:
    from nibabel.filebasedimages import FileBasedImage
    from numpy.typing import ArrayLike

    from vesalius.ontology.project import Project

Segmentation: TypeAlias = (
    "str | os.PathLike[str] | FileBasedImage | tuple[ArrayLike, ArrayLike] | MapResult"
)
"""A NIfTI file or a folder of masks, an image of nibabel, an array (i, j, k) with its affine
(4, 4; voxel index to millimetres, RAS+), or an earlier result. To a type checker, what
`nibabel.load` gives is a FileBasedImage; only one with a place in space can be read."""
Image: TypeAlias = "str | os.PathLike[str] | FileBasedImage | tuple[ArrayLike, ArrayLike]"
"""A NIfTI file, an image of nibabel, or an array of Hounsfield units with its affine."""
ProjectRef: TypeAlias = "Project | str | os.PathLike[str] | None"
"""A project, its folder or its vesalius.yaml."""


def as_given(x: Segmentation | Image, what: str) -> Given:
    """Put what a user gives into the form that is read.

    Parameters
    ----------
    x : path, nibabel image, (array, affine) or MapResult
        Not changed.
    what : str
        What messages say it was given for, such as a source.

    Raises
    ------
    DiagnosticError
        API003 where it is something else.
    """
    if isinstance(x, str | os.PathLike):
        return Path(x)
    if isinstance(x, MapResult):
        return GivenImage(x.to_nibabel(), f"the result given for {what}")
    # An image of nibabel was made by a program that has imported it.
    nibabel = sys.modules.get("nibabel.spatialimages")
    if nibabel is not None and isinstance(x, nibabel.SpatialImage):
        return GivenImage(x, f"the image given for {what}")
    if isinstance(x, tuple) and len(x) == 2:
        array, affine = x
        return GivenArray(array, affine, f"the array given for {what}")
    text = f"what was given for {what} is of type `{type(x).__name__}`, which cannot be read"
    hint = "give a path, an image of nibabel, or `(array, affine)`"
    raise DiagnosticError([Diagnostic("API003", "error", text, help=hint)])


def as_project(project: ProjectRef) -> Project | None:
    """Read a project, unless it is read already.

    Raises
    ------
    DiagnosticError
        With every problem of its file.
    """
    if not isinstance(project, str | os.PathLike):
        return project
    from vesalius.ontology.project import read_project  # noqa: PLC0415 - reads YAML

    return read_project(project)


def place_of(given: Given) -> str:
    """Give what sources of one scheme are ordered by: the whole path; nothing of what has none."""
    return os.path.abspath(given) if isinstance(given, Path) else ""


def case_metadata(case: Mapping[str, object] | None) -> dict[str, str]:
    """Read what is known of a patient.

    Parameters
    ----------
    case : mapping of str to object, or None
        Such as ``{"sex": "female"}``; an unknown sex is left out.

    Raises
    ------
    DiagnosticError
        API004 for a sex that is none.
    """
    known = {str(key): str(value) for key, value in (case or {}).items() if value is not None}
    sex = known.get("sex", "unknown")
    if sex not in SEXES:
        hint = suggest(sex.lower(), SEXES) or f"one of {', '.join(SEXES)}"
        text = f"`{sex}` is no sex"
        raise DiagnosticError([Diagnostic("API004", "error", text, help=hint)])
    return {key: value for key, value in known.items() if (key, value) != ("sex", "unknown")}
