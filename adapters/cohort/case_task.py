"""One case of a cohort, as a worker is given it; `case_tasks` finds those of a whole cohort."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cases.inputs import CaseFiles
from vesalius.adapters.cohort.output_place import OutputPlace


@dataclass(frozen=True)
class CaseTask:
    """A case to be run.

    Parameters
    ----------
    case : str
        Its name.
    files : CaseFiles
        What is read.
    place : OutputPlace
        Where the result goes.
    excluded : OutputPlace or None
        Where it goes if a rule excludes the case; None for the same place.
    """

    case: str
    files: CaseFiles
    place: OutputPlace
    excluded: OutputPlace | None = None

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file or folder that is read."""
        return self.files.paths
