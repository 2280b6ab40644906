"""Cases found by the names of files, and the files beside them that no template takes.

A case whose file is called a little otherwise (`.NII.GZ`, `.nii` beside `.nii.gz`, without `_seg`)
is not found, and nothing else would say so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from vesalius.adapters.cohort.path_template import FieldError, PathTemplate
from vesalius.adapters.files.nifti_names import is_nifti_name
from vesalius.ontology.reading.listing import listing


def cases_there(
    template: PathTemplate, root: Path, case: str, fixed: Mapping[str, str]
) -> list[str]:
    """Find cases by the names of their files, or of their folders.

    A template without the ending of a file means folders: a file that happens to fit is no case.
    Parameters are those of `passed_over`.
    """
    found = template.find(root, case, fixed)
    if is_nifti_name(template.text.rpartition("/")[2].lstrip(".")):
        return found
    return [name for name in found if template.locate(root, {**fixed, case: name}).is_dir()]


def passed_over(
    template: PathTemplate,
    others: Sequence[PathTemplate],
    root: Path,
    case: str,
    fixed: Mapping[str, str],
) -> list[str]:
    """List the NIfTI files beside those that a template finds, and that no template takes.

    Parameters
    ----------
    template : PathTemplate
        By which cases are found.
    others : sequence of PathTemplate
        Those of the cohort, that one among them or not.
    root : Path
        Where relative templates start.
    case : str
        Name of the field that stands for the case.
    fixed : mapping of str to str
        Values of the fields that are the same for all cases.

    Returns
    -------
    list of str
        Names, sorted; empty where each case has a folder of its own.
    """
    folder, _, last = template.text.rpartition("/")
    if not is_nifti_name(last.lstrip(".")) or any(mark in folder for mark in "{[*"):
        return []
    place = root / folder
    shapes = []
    for each in (template, *others):
        try:
            shapes.append(each.shape(root, case, fixed))
        except (FieldError, KeyError):
            # A field that the table fills: what it takes cannot be told here.
            return []
    try:
        names = sorted(name for name in os.listdir(place) if is_nifti_name(name))
    except OSError:
        return []
    # As templates spell it: with the root as it was given, or from the top.
    starts = (
        f"{root.as_posix().rstrip('/')}/{folder}".rstrip("/"),
        place.as_posix(),
        place.absolute().as_posix(),
    )
    paths = {name: [f"{start}/{name}" for start in starts] for name in names}
    return [
        name
        for name in names
        if not any(shape.fullmatch(path) for shape in shapes for path in paths[name])
    ]


def what_is_there(template: PathTemplate, root: Path) -> str | None:
    """Say what lies where a template looks for files and finds none."""
    if "\\" in template.text:
        return "folders are parted by `/` in a template, not by a backslash"
    if template.text.startswith("~"):
        return "`~` is not read as the home folder: write the whole path"
    folder = template.text.rpartition("/")[0]
    if any(mark in folder for mark in "{[*"):
        return None
    place = root / folder
    if not place.is_dir():
        return f"the folder `{place}` does not exist"
    names = sorted(name for name in os.listdir(place) if not name.startswith("."))
    if not names:
        return f"the folder `{place}` is empty"
    return f"in `{place}` lie {listing([f'`{name}`' for name in names], 3)}"
