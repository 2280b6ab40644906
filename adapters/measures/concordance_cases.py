"""Which cases are compared with their consensus: of a cohort, or found for each source by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.case_list import FoundCase, find_cases
from vesalius.adapters.measures.case_names import find_image
from vesalius.adapters.measures.concordance import map_path, measure_concordance
from vesalius.adapters.measures.consensus import require_method
from vesalius.adapters.measures.measure_task import MeasureJob, MeasureTask, record_path
from vesalius.adapters.measures.pairs import require_shared
from vesalius.adapters.measures.stats import cohort_tasks
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.rules.compile.source_tokens import source_tokens
from vesalius.session import Session

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

NO_RULES = "none"


@dataclass(frozen=True)
class ConcordanceRequest:
    """Several models on the same scans.

    Parameters
    ----------
    cohort : Path or None
        The cohort file; or
    predictions : tuple of (str, Path)
        Scheme and place of each source: a file, a folder of masks, or a folder of cases.
    image : Path or None
        The CT, or the folder of those of all cases.
    metadata : mapping of str to str
        What is known of all patients, where no cohort says it.
    consensus : {"majority", "staple"}
        How it is made.
    rules : tuple of str
        Packs that sources are judged by; ``none`` for none.
    maps : Path or None
        Folder of the maps of disagreement.
    resample : bool
        Whether sources may be resampled onto one grid.
    project : Project or None
        What it adds is known too.
    force : bool
        Measure cases again that were measured before.
    """

    cohort: Path | None
    predictions: tuple[tuple[str, Path], ...] = ()
    image: Path | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    consensus: str = "majority"
    rules: tuple[str, ...] = ("recommended",)
    maps: Path | None = None
    resample: bool = False
    project: Project | None = None
    force: bool = False

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every path that is given."""
        cohort = () if self.cohort is None else (self.cohort,)
        return (*cohort, *(path for _, path in self.predictions))


def prepare_concordance(
    request: ConcordanceRequest, records: Path
) -> tuple[MeasureJob, list[MeasureTask], dict[str, Diagnostic]]:
    """Find the cases and compile what is needed to read and judge them.

    Returns
    -------
    job : MeasureJob
    tasks : list of MeasureTask
        A case has those sources that are there; fewer than two make it fail.
    left_out : dict of str to Diagnostic
        Cases that cannot be measured, and why.

    Raises
    ------
    DiagnosticError
        With every problem of YAML and of paths; MEA011 without SimpleITK; MEA012 for one source;
        MEA008 where no two of their schemes share a structure.
    """
    require_method(request.consensus)
    if request.cohort is not None:
        from vesalius.adapters.cohort.cohort_file import load_cohort  # noqa: PLC0415 - pydantic

        cohort = load_cohort(request.cohort, known_ontology(request.project))
        sessions, tasks, left_out = cohort_tasks(cohort, records)
        schemes: dict[str, Any] = {source.name: source.scheme for source in cohort.sources}
    else:
        sessions, tasks, left_out, schemes = _found(request, records)
    if len(sessions) < 2:
        text = "one source agrees with nothing: concordance needs two or more"
        raise DiagnosticError([Diagnostic("MEA012", "error", text)])
    targets = [session.target for session in sessions.values()]
    ontology = known_ontology(request.project)
    require_shared(ontology, [t.structures() for t in targets], [t.name for t in targets])
    judged = request.rules != (NO_RULES,)
    job = MeasureJob(
        verb="concordance",
        measure=measure_concordance,
        sessions=sessions,
        options={"resample": request.resample, "consensus": request.consensus},
        titles={},
        tables=("concordance",),
        force=request.force,
        project=request.project,
        judges={
            name: Session(target=scheme, rules=request.rules, project=request.project)
            for name, scheme in schemes.items()
            if judged
        },
    )
    if request.maps is not None:
        folder = request.maps
        tasks = [replace(task, map=map_path(folder, task.case)) for task in tasks]
    return job, tasks, left_out


def _found(
    request: ConcordanceRequest, records: Path
) -> tuple[dict[str, Session], list[MeasureTask], dict[str, Diagnostic], dict[str, Any]]:
    given = [scheme for scheme, _ in request.predictions]
    each = [Session(target=s, rules=None, project=request.project) for s in given]
    names = source_tokens([session.target.name for session in each])
    found: dict[str, dict[str, FoundCase]] = {}
    for name, session, (_, path) in zip(names, each, request.predictions, strict=True):
        cases = find_cases((path,), session.target)
        found[name] = {case.name: case for case in cases}
    if all(len(cases) == 1 for cases in found.values()):
        # One case, whatever each model has called its file.
        only = next(iter(next(iter(found.values()))))
        found = {name: {only: next(iter(cases.values()))} for name, cases in found.items()}
    tasks: list[MeasureTask] = []
    left_out: dict[str, Diagnostic] = {}
    for case in dict.fromkeys(case for cases in found.values() for case in cases):
        paths = {name: cases[case].path for name, cases in found.items() if case in cases}
        if len(paths) < 2:
            (alone,) = paths
            text = f"case `{case}` is in `{alone}` alone and is not measured"
            left_out[case] = Diagnostic("MEA004", "error", text, path=str(paths[alone]))
            continue
        try:
            image = find_image(request.image, case)
        except DiagnosticError as failed:
            left_out[case] = failed.diagnostics[0]
            continue
        place = record_path(records, case)
        tasks.append(MeasureTask(case, paths, image, dict(request.metadata), place))
    sessions = dict(zip(names, each, strict=True))
    return sessions, tasks, left_out, dict(zip(names, given, strict=True))
