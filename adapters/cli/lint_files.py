"""Which segmentations `vesalius lint` judges: files, folders of masks, folders of cases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vesalius.adapters.cases.map_result import LABELS
from vesalius.adapters.cases.run_folder import is_trace
from vesalius.adapters.files.mask_names import (
    FolderScheme,
    class_stems,
    holds_masks,
    mask_files,
)
from vesalius.adapters.files.nifti_names import is_nifti_name, nifti_stem
from vesalius.adapters.files.other_formats import is_foreign_volume
from vesalius.adapters.files.unknown_masks import hold_label_maps
from vesalius.ontology.reading.nearest import suggest_file
from vesalius.ontology.reading.side_files import YAML_ENDINGS

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+]+:/")


def is_volume(path: Path, meant: bool = False) -> bool:
    """Tell whether a path is a segmentation: NIfTI, a folder of masks, or what is refused.

    Parameters
    ----------
    path : Path
        A file or a folder.
    meant : bool
        Whether segmentations were asked for: then only what is called YAML is none.
    """
    if meant:
        return path.suffix.lower() not in YAML_ENDINGS
    if path.is_dir():
        return holds_masks(path)
    return is_nifti_name(path.name) or is_foreign_volume(path)


def missing_hint(path: Path) -> str | None:
    """Say what a path may be that is not there; None where nothing can be said."""
    if _ADDRESS.match(str(path)):
        return "Addresses are not read: download the file first."
    if any(sign in str(path) for sign in "*?["):
        return "No file fits this pattern: the shell would have put their names in its place."
    near = suggest_file(path)
    return near and f"{near[0].upper()}{near[1:]}"


def lint_files(paths: Sequence[Path], scheme: FolderScheme | None) -> list[Path]:
    """List what is judged, one entry a segmentation, folders of cases taken apart.

    Parameters
    ----------
    paths : sequence of Path
        As they were given.
    scheme : FolderScheme or None
        Tells a folder of masks by the names of its classes, too; None where it is to be found
        first.

    Raises
    ------
    DiagnosticError
        IO036 where the scheme cannot name masks.
    """
    return [each for path in paths for each in (_cases(path, scheme) if path.is_dir() else [path])]


def _cases(folder: Path, scheme: FolderScheme | None) -> list[Path]:
    if not holds_masks(folder):
        # Of one with nothing in it its reader says what is amiss.
        return _inner(folder) or [folder]
    files = [file for file in mask_files(folder) if not is_trace(file)]
    if (scheme is not None and _fits(folder, files, scheme)) or not hold_label_maps(files):
        return [folder]
    return sorted([*files, *_beside(folder, scheme)])


def _fits(folder: Path, files: Sequence[Path], scheme: FolderScheme) -> bool:
    """Tell whether a file is called as a class of the scheme is."""
    names = class_stems(folder, scheme)
    return any(nifti_stem(file.name) in names for file in files)


def _beside(folder: Path, scheme: FolderScheme | None) -> list[Path]:
    """List the cases that have folders of their own beside label maps.

    What is called as a file and is a folder is one, too: its reader says so.
    """
    found = []
    for place in _inner(folder):
        inner = place.parent if place.name == LABELS else place
        if place != inner or is_nifti_name(inner.name):
            found.append(place)
            continue
        files = mask_files(inner)
        masks = not hold_label_maps(files) if scheme is None else _fits(inner, files, scheme)
        found += [inner] if masks else []
    return found


def _inner(folder: Path) -> list[Path]:
    """List the segmentations in the folders of a folder: what a run wrote, or masks."""
    found = []
    for inner in sorted(folder.iterdir()):
        if not inner.is_dir() or inner.name.startswith("."):
            continue
        if (inner / LABELS).is_file():
            found.append(inner / LABELS)
        elif holds_masks(inner):
            found.append(inner)
    return found
