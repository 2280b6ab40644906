"""What files of a case are called: its segmentation, and its CT in a folder of those of all cases.

It loads nothing that reads YAML: also `lint` of a single file asks it.
"""

from __future__ import annotations

from pathlib import Path

from vesalius.adapters.files.nifti_names import NIFTI_ENDINGS, nifti_stem
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.real_path import real_path

_CHANNEL = "_0000"
"""How nnU-Net ends the name of a case's first image."""


def case_name(path: Path) -> str:
    """Give the name of a case by its file or folder."""
    return nifti_stem(path.name) or real_path(path).name


def find_image(given: Path | None, case: str) -> Path | None:
    """Find the CT of a case: the file that is given, or the one of its name in a folder.

    Raises
    ------
    DiagnosticError
        MEA005 where the folder has none.
    """
    if given is None or not given.is_dir():
        return given
    for path in case_files(given, case):
        if path.exists():
            return path
    text = f"the folder has no image of case `{case}`"
    hint = f"it is looked for as {case}{_CHANNEL}.nii.gz and {case}.nii.gz"
    raise DiagnosticError([Diagnostic("MEA005", "error", text, path=str(given), help=hint)])


def case_files(folder: Path, case: str) -> list[Path]:
    """List the files that may be the image of a case in a folder, as they are looked for."""
    stems = (f"{case}{_CHANNEL}", case)
    return [folder / f"{stem}{suffix}" for stem in stems for suffix in NIFTI_ENDINGS]
