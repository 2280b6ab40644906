"""What is measured of each case of a population: its structures, and the lesions in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.case_list import find_cases
from vesalius.adapters.measures.case_names import case_files
from vesalius.adapters.measures.measure_task import Measured, MeasureJob, MeasureTask, record_path
from vesalius.adapters.measures.stats import measure_stats
from vesalius.adapters.population.lesions import lesion_rows
from vesalius.adapters.population.names import VERB
from vesalius.adapters.population.people import People
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.session import Session

STATS, LESIONS = "stats", "lesions"
_CASE = "{case}"


@dataclass(frozen=True)
class PopulationJob:
    """Which cases are measured, and how.

    Parameters
    ----------
    job : MeasureJob
        What is the same for all.
    tasks : tuple of MeasureTask
        The cases.
    remarks : tuple of Diagnostic
        Cases without lesions to read.
    """

    job: MeasureJob
    tasks: tuple[MeasureTask, ...]
    remarks: tuple[Diagnostic, ...]


def prepare_population(
    people: People,
    folder: Path,
    records: Path,
    lesions: Path | None = None,
    *,
    use_image: bool = True,
    force: bool = False,
    project: Project | None = None,
) -> PopulationJob:
    """Find the label maps, images and lesions of a cohort.

    Parameters
    ----------
    people : People
        The cohort.
    folder : Path
        What its run wrote.
    records : Path
        Folder of the records of cases.
    lesions : Path or None
        Folder of the lesion masks, or a path with ``{case}`` in it.
    use_image : bool
        Whether the CTs of the run are read.
    force : bool
        Measure cases again that were measured before.
    project : Project or None
        What it adds is known too.

    Raises
    ------
    DiagnosticError
        With every problem of the paths.
    """
    session = Session(target=people.target, rules=None, project=project)
    tasks: list[MeasureTask] = []
    without: list[str] = []
    for case in find_cases((folder,), session.target):
        files = {session.target.name: case.path}
        mask = None if lesions is None else _lesions_of(lesions, case.name)
        if mask is not None:
            files[LESIONS] = mask
        elif lesions is not None:
            without.append(case.name)
        image = case.image if use_image else None
        place = record_path(records, case.name)
        tasks.append(MeasureTask(case.name, files, image, case.metadata, place))
    titles = known_ontology(project).structures
    job = MeasureJob(
        verb=VERB,
        measure=measure_person,
        sessions={session.target.name: session},
        options={"resample": False, "like": False},
        titles={name: structure.title for name, structure in titles.items()},
        tables=(STATS, *(() if lesions is None else (LESIONS,))),
        force=force,
        project=project,
    )
    return PopulationJob(job, tuple(tasks), tuple(_told(lesions, without)))


def measure_person(job: MeasureJob, task: MeasureTask) -> Measured:
    """Measure one case: rows of `stats`, and of `lesions` where it has a mask."""
    files = dict(task.segmentations)
    lesions = files.pop(LESIONS, None)
    (labels,) = files.values()
    only = MeasureTask(task.case, files, task.image, task.metadata, task.record)
    measured = measure_stats(job, only)
    tables: dict[str, Sequence[Mapping[str, Any]]] = dict(measured.tables)
    if lesions is not None:
        (session,) = job.sessions.values()
        rows = lesion_rows(lesions, labels, session.target, task.metadata)
        tables[LESIONS] = [{"case": task.case, **row} for row in rows]
    return Measured(tables, measured.remarks)


def _lesions_of(given: Path, case: str) -> Path | None:
    """Find the lesion mask of a case; None where there is none."""
    if _CASE in str(given):
        path = Path(str(given).replace(_CASE, case))
        return path if path.exists() else None
    return next((path for path in case_files(given, case) if path.exists()), None)


def _told(given: Path | None, without: Sequence[str]) -> list[Diagnostic]:
    if not without:
        return []
    text = (
        f"{plural(len(without), 'case')} without a lesion mask: {listing(list(without), 5)};"
        " they have no part in the rates of lesions"
    )
    hint = f"give a path with `{_CASE}` in it, or a folder that has CASE.nii.gz"
    return [Diagnostic("POP007", "warning", text, path=str(given), help=hint)]
