"""Which segmentations are converted, and into which files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from vesalius.adapters.cases.map_result import LABELS
from vesalius.adapters.cli.lint_files import lint_files
from vesalius.adapters.files.mask_names import FolderScheme
from vesalius.adapters.files.nifti_names import is_nifti_name
from vesalius.adapters.measures.case_names import case_name
from vesalius.ontology.reading.real_path import real_path

_ENDING = ".nii.gz"


@dataclass(frozen=True)
class Conversion:
    """A segmentation, the file that it is written to, and the folder that is made for it."""

    path: Path
    output: Path
    folder: Path | None = None


def conversions(
    given: Sequence[Path], output: Path, scheme: FolderScheme | None
) -> list[Conversion]:
    """List what is converted.

    Parameters
    ----------
    given : sequence of Path
        Files, folders of masks, folders of such.
    output : Path
        A file for one file or folder of masks; else a folder, and for one that is there.
    scheme : FolderScheme or None
        As for :func:`lint_files`.

    Raises
    ------
    UsageError
        Where the output is a file and must be a folder, or two would be written to one file or
        one over another.
    DiagnosticError
        IO036 where the scheme cannot name masks.
    """
    paths = lint_files(given, scheme)
    whole = list(paths) == list(given) and len(paths) == 1
    if whole and not output.is_dir():
        return [Conversion(paths[0], output)]
    if is_nifti_name(output.name) and not output.is_dir():
        raise click.UsageError(
            f"several segmentations are written into a folder, and -o names a file: `{output}`"
        )
    found: dict[Path, Path] = {}
    read = {real_path(path): path for path in paths}
    for path in paths:
        place = output / (_name(path) + _ENDING)
        other = found.setdefault(place, path)
        if other is not path:
            raise click.UsageError(f"`{other}` and `{path}` would both be written to `{place}`")
        if real_path(place) in read:
            raise click.UsageError(f"`{path}` would be written over `{read[real_path(place)]}`")
    return [Conversion(path, place, output) for place, path in found.items()]


def _name(path: Path) -> str:
    """Give the name of a segmentation without its ending; of what a run wrote, of its folder."""
    if path.name == LABELS:
        return real_path(path).parent.name
    if path.is_dir():
        return path.name or real_path(path).name
    return case_name(path)
