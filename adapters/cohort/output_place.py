"""Where the files of a case go, below the output folder of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cases.map_result import ITKSNAP, LABELS, REPORT, SLICER
from vesalius.adapters.cohort.folder_levels import level_of, with_level
from vesalius.adapters.cohort.path_template import FieldError, PathTemplate

TABLES = (ITKSNAP, SLICER)
"""Files that are the same for every case; written once where cases are single files."""
EXCLUDED = "excluded"
"""Folder, below that of the output, of cases that a rule excludes."""
_VOLUME = ".nii.gz"


@dataclass(frozen=True)
class OutputPlace:
    """Where the files of a case go.

    Parameters
    ----------
    folder : Path
        Their folder.
    stem : str or None
        What their names begin with; None where the case has a folder of its own.
    """

    folder: Path
    stem: str | None

    def path(self, name: str) -> Path | None:
        """Give the place of one file of a case, or None where it is written once for all."""
        if self.stem is None:
            return self.folder / name
        if name == LABELS:
            return self.folder / f"{self.stem}{_VOLUME}"
        return None if name in TABLES else self.folder / f"{self.stem}.{name}"

    def in_level(self, case: str) -> OutputPlace:
        """Give the place in the folder between, of a folder that would hold too much."""
        if self.stem is None:
            return OutputPlace(with_level(self.folder, case), None)
        return OutputPlace(self.folder / level_of(case), self.stem)

    @property
    def report(self) -> Path:
        """The report of the case."""
        return self.folder / (REPORT if self.stem is None else f"{self.stem}.{REPORT}")

    @property
    def labels(self) -> Path:
        """The label map of the case."""
        return self.folder / (LABELS if self.stem is None else f"{self.stem}{_VOLUME}")

    def known(self) -> tuple[Path, ...]:
        """Give every file of a case whose name is known beforehand."""
        paths = (self.path(name) for name in (LABELS, REPORT, *TABLES))
        return tuple(path for path in paths if path is not None)


def place_in(template: PathTemplate, fields: Mapping[str, str], output: Path) -> OutputPlace:
    """Fill the template of the output.

    Raises
    ------
    FieldError
        If it cannot be filled, or leads out of the output folder.
    """
    text = template.fill(fields)
    path = output / text
    if Path(text).is_absolute() or ".." in path.relative_to(output).parts:
        raise FieldError(f"`{text}` leads out of the output folder")
    if text.endswith("/"):
        return OutputPlace(path, None)
    return OutputPlace(path.parent, path.name.removesuffix(_VOLUME))
