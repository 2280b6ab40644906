"""`stats`: every structure of every segmentation of a cohort, measured."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesalius.adapters.cases.case_image import read_case_image
from vesalius.adapters.cases.prediction_line import Target
from vesalius.adapters.files.given import Given
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.case_list import cohort_target, find_cases
from vesalius.adapters.measures.case_names import find_image
from vesalius.adapters.measures.like_totalsegmentator import TABLE, like_totalsegmentator
from vesalius.adapters.measures.measure_task import (
    Measured,
    MeasureJob,
    MeasureTask,
    record_path,
)
from vesalius.adapters.measures.structure_map import read_structures
from vesalius.adapters.measures.structure_stats import structure_stats
from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.engine.runs.intensity import Values
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.side_files import YAML_ENDINGS
from vesalius.session import Session

if TYPE_CHECKING:
    from vesalius.adapters.cohort.cohort_file import Cohort
    from vesalius.ontology.project import Project


@dataclass(frozen=True)
class StatsRequest:
    """What is measured.

    Parameters
    ----------
    paths : tuple of Path
        Files, folders, or one cohort file.
    scheme : str, path or None
        What the integers mean; None where a cohort says so.
    image : Path or None
        The CT, or the folder that has those of all cases.
    use_image : bool
        Whether images are read where a cohort names them.
    metadata : mapping of str to str
        What is known of all patients.
    resample : bool
        Whether labels may be resampled onto the image by nearest neighbour.
    like : bool
        Whether the figures of `TotalSegmentator --statistics` are given too.
    project : Project or None
        What it adds is known too.
    force : bool
        Measure cases again that were measured before.
    """

    paths: tuple[Path, ...]
    scheme: SchemeRef | None
    image: Path | None = None
    use_image: bool = True
    metadata: Mapping[str, str] | None = None
    resample: bool = False
    like: bool = False
    project: Project | None = None
    force: bool = False


def prepare_stats(
    request: StatsRequest, records: Path
) -> tuple[MeasureJob, list[MeasureTask], dict[str, Diagnostic]]:
    """Find the cases and compile what is needed to read them.

    Parameters
    ----------
    request : StatsRequest
        What is measured.
    records : Path
        Folder of the records.

    Returns
    -------
    job : MeasureJob
    tasks : list of MeasureTask
    left_out : dict of str to Diagnostic
        Cases that cannot be measured, and why.

    Raises
    ------
    DiagnosticError
        With every problem of YAML and of paths; MEA003 where no scheme is known.
    """
    first = request.paths[0]
    if len(request.paths) == 1 and is_cohort_file(first):
        from vesalius.adapters.cohort.cohort_file import load_cohort  # noqa: PLC0415 - pydantic

        cohort = load_cohort(first, known_ontology(request.project))
        sessions, tasks, left_out = cohort_tasks(cohort, records, use_image=request.use_image)
    else:
        sessions, tasks, left_out = _path_tasks(request, records)
    tables = ("stats", TABLE) if request.like else ("stats",)
    ontology = known_ontology(request.project)
    job = MeasureJob(
        verb="stats",
        measure=measure_stats,
        sessions=sessions,
        options={"resample": request.resample, "like": request.like},
        titles={name: structure.title for name, structure in ontology.structures.items()},
        tables=tables,
        force=request.force,
        project=request.project,
    )
    return job, tasks, left_out


def read_image(given: Given) -> tuple[Values | None, Target, tuple[Diagnostic, ...]]:
    """Read the CT of a case.

    Returns
    -------
    values : Values or None
        None where they are no Hounsfield units; the remarks say so.
    where : Target
        Its grid.
    remarks : tuple of Diagnostic

    Raises
    ------
    DiagnosticError
        With every problem of the file.
    """
    place, told = read_case_image(given, keep=True)
    if told.problems or told.value is None or place is None:
        raise DiagnosticError([*told.remarks, *told.problems])
    where = Target(place.grid, place.name, place.nifti, is_image=True)
    return told.value.values, where, told.remarks


def measure_stats(job: MeasureJob, task: MeasureTask) -> Measured:
    """Measure one case: the rows of `stats` for each of its segmentations."""
    remarks: list[Diagnostic] = []
    values: Values | None = None
    where: Target | None = None
    if task.image is not None:
        values, where, told = read_image(task.image)
        remarks += told
    rows: list[dict[str, Any]] = []
    like: list[dict[str, Any]] = []
    for source, path in task.segmentations.items():
        found, _ = read_structures(
            job.sessions[source], path, task.metadata, where, resample=job.options["resample"]
        )
        remarks += found.remarks
        head = {"case": task.case, "source": source}
        rows += [head | row for row in structure_stats(found, job.titles, values)]
        if job.options["like"]:
            like += [head | row for row in like_totalsegmentator(found, values)]
    tables = {"stats": rows, TABLE: like} if job.options["like"] else {"stats": rows}
    return Measured(tables, tuple(dict.fromkeys(remarks)))


def cohort_tasks(
    cohort: Cohort, records: Path, *, use_image: bool = True
) -> tuple[dict[str, Session], list[MeasureTask], dict[str, Diagnostic]]:
    """Give a task for every case of a cohort that is complete.

    Parameters
    ----------
    cohort : Cohort
        As declared.
    records : Path
        Folder of the records.
    use_image : bool
        Whether its CTs are read.

    Returns
    -------
    sessions : dict of str to Session
        Scheme of each source.
    tasks : list of MeasureTask
    left_out : dict of str to Diagnostic
        Cases that are incomplete: MEA004.
    """
    from vesalius.adapters.cohort.case_tasks import prepare_tasks  # noqa: PLC0415 - pydantic
    from vesalius.adapters.cohort.selection import select_cases  # noqa: PLC0415

    sessions = {
        source.name: Session(target=source.scheme, rules=None, project=cohort.project)
        for source in cohort.sources
    }
    found = prepare_tasks(cohort, select_cases(cohort), list(sessions), records)
    tasks = [
        MeasureTask(
            case=task.case,
            segmentations={p.token: p.path for p in task.files.predictions},
            image=task.files.image if use_image else None,
            metadata=dict(task.files.metadata),
            record=record_path(records, task.case),
        )
        for task in found.ready
    ]
    left_out = {
        case: Diagnostic("MEA004", "error", f"case `{case}` is incomplete and not measured: {why}")
        for case, why in found.incomplete.items()
    }
    return sessions, tasks, left_out


def scheme_of(paths: Sequence[Path], scheme: SchemeRef | None, option: str) -> SchemeRef:
    """Give the scheme that is named, or that a cohort's output folder is written in.

    Raises
    ------
    DiagnosticError
        MEA003 where neither says it.
    """
    if scheme is not None:
        return scheme
    known = {cohort_target(path) for path in paths} if paths else set()
    if len(known) == 1 and (only := next(iter(known))) is not None:
        return only
    where = ", ".join(str(path) for path in paths[:3])
    text = f"it is not known what the integers of {where} mean"
    hint = f"name their scheme with {option}; `vesalius ls schemes` lists them"
    raise DiagnosticError([Diagnostic("MEA003", "error", text, help=hint)])


def _path_tasks(
    request: StatsRequest, records: Path
) -> tuple[dict[str, Session], list[MeasureTask], dict[str, Diagnostic]]:
    scheme = scheme_of(request.paths, request.scheme, "--scheme")
    session = Session(target=scheme, rules=None, project=request.project)
    source = session.target.name
    tasks: list[MeasureTask] = []
    left_out: dict[str, Diagnostic] = {}
    for case in find_cases(request.paths, session.target):
        known = case.image if request.use_image else None
        try:
            image = find_image(request.image, case.name) if request.image else known
        except DiagnosticError as failed:
            left_out[case.name] = failed.diagnostics[0]
            continue
        metadata = {**case.metadata, **(request.metadata or {})}
        place = record_path(records, case.name)
        tasks.append(MeasureTask(case.name, {source: case.path}, image, metadata, place))
    return {source: session}, tasks, left_out


def is_cohort_file(path: Path) -> bool:
    """Tell whether a path is a cohort file, not a segmentation."""
    return path.suffix in YAML_ENDINGS and not os.path.isdir(path)
