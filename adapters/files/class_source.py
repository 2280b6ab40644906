"""Class names of a dataset: from its list, from its folder of masks, from a label map."""

from __future__ import annotations

import os
import re
from pathlib import Path

from vesalius.adapters.files.embedded_names import names_given
from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_names import mask_files
from vesalius.adapters.files.nifti_names import is_nifti_name, nifti_stem
from vesalius.adapters.files.unknown_masks import hold_label_maps
from vesalius.ontology.names.label_rows import Classes
from vesalius.ontology.names.label_tables import classes_from_file

_FIGURES = re.compile(r"(\d+)")


def classes_of(path: Path) -> Classes:
    """Read classes from a dataset's list, the names of its masks, or what a label map names.

    The masks of a folder have no integers of their own: they are counted from 1 in the order of
    their names, figures by their size.

    Raises
    ------
    DiagnosticError
        What is wrong with the file; SCH031 where a label map, or a folder of them, names nothing.
    """
    if os.path.isdir(path):
        files = mask_files(path)
        if hold_label_maps(files):
            text = "the files of this folder are label maps, whose names are no classes"
            hint = "give one of them, or the dataset's own list of classes"
            raise failure("SCH031", path, text, hint)
        stems = sorted((nifti_stem(file.name) for file in files), key=_by_figures)
        return Classes(dict(enumerate(stems, start=1)))
    if not is_nifti_name(path.name):
        return classes_from_file(path)
    names = names_given(read_labels(str(path))).names
    if not names:
        hint = "give the dataset's own list of classes, or write the scheme by hand"
        raise failure("SCH031", path, "neither the file nor a table beside it names classes", hint)
    return Classes(names)


def _by_figures(stem: str) -> list[tuple[int, str]]:
    parts = _FIGURES.split(stem)
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in parts]
