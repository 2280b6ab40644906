"""Two label sets of the same cases: found by name, read onto one grid, structure by structure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesalius.adapters.cases.prediction_line import Target
from vesalius.adapters.files.given import Given
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.case_list import FoundCase, find_cases
from vesalius.adapters.measures.measure_task import (
    Measured,
    MeasureJob,
    MeasureTask,
    record_path,
)
from vesalius.adapters.measures.overlap import on_one_line
from vesalius.adapters.measures.shared import Shared, shared_structures
from vesalius.adapters.measures.stats import scheme_of
from vesalius.adapters.measures.structure_map import StructureMap, read_structures
from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.session import Session

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

_OTHER_GRID = frozenset({"IO040", "RUN002"})
_LOST_ORIGIN = "IO045"


@dataclass(frozen=True)
class PairRequest:
    """Two label sets.

    Parameters
    ----------
    names : tuple of str
        What they are called, such as "pred" and "truth"; the grid is that of the second.
    paths : tuple of Path
        A file, a folder of masks, a folder of cases, or the output of a cohort, each.
    schemes : tuple of str, path or None
        What their integers mean; None where the output of a cohort says so.
    metadata : mapping of str to str
        What is known of all patients.
    options : mapping
        Settings of the measuring, JSON values.
    project : Project or None
        What it adds is known too.
    force : bool
        Measure cases again that were measured before.
    """

    names: tuple[str, str]
    paths: tuple[Path, Path]
    schemes: tuple[SchemeRef | None, SchemeRef | None]
    metadata: Mapping[str, str]
    options: Mapping[str, Any]
    project: Project | None = None
    force: bool = False


@dataclass(frozen=True, eq=False)
class Pair:
    """Two segmentations of one case, on one grid.

    Parameters
    ----------
    one, other : StructureMap
        The segmentations.
    shared : tuple of Shared
        What both can tell in this case.
    """

    one: StructureMap
    other: StructureMap
    shared: tuple[Shared, ...]


def prepare_pairs(
    request: PairRequest,
    records: Path,
    verb: str,
    measure: Callable[[MeasureJob, MeasureTask], Measured],
) -> tuple[MeasureJob, list[MeasureTask], dict[str, Diagnostic]]:
    """Find the cases of both sets.

    Where each set is a single case, these two are compared, whatever they are called.

    Parameters
    ----------
    request : PairRequest
        The sets.
    records : Path
        Folder of the records.
    verb : str
        What is done, and the name of the table.
    measure : callable
        Measures one case.

    Returns
    -------
    job : MeasureJob
    tasks : list of MeasureTask
        In the order of the second set.
    left_out : dict of str to Diagnostic
        Cases of one set alone: MEA004.

    Raises
    ------
    DiagnosticError
        With every problem of YAML and of paths; MEA008 where the schemes share no structure.
    """
    ontology = known_ontology(request.project)
    sessions: dict[str, Session] = {}
    found: list[dict[str, FoundCase]] = []
    for name, path, given in zip(request.names, request.paths, request.schemes, strict=True):
        scheme = scheme_of((path,), given, f"--scheme-{name}")
        sessions[name] = Session(target=scheme, rules=None, project=request.project)
        cases = find_cases((path,), sessions[name].target)
        found.append({case.name: case for case in cases})
    require_shared(ontology, [session.target.structures() for session in sessions.values()],
                   [session.target.name for session in sessions.values()])  # fmt: skip
    one, other = found
    if len(one) == len(other) == 1:
        (name,) = other
        one = {name: replace(next(iter(one.values())), name=name)}
    tasks = [
        MeasureTask(
            case=name,
            segmentations=dict(zip(request.names, (one[name].path, case.path), strict=True)),
            image=None,
            metadata={**one[name].metadata, **case.metadata, **request.metadata},
            record=record_path(records, name),
            beside=case.report,
        )
        for name, case in other.items()
        if name in one
    ]
    left_out = _alone(one, other, request)
    job = MeasureJob(
        verb=verb,
        measure=measure,
        sessions=sessions,
        options=dict(request.options),
        titles={},
        tables=(verb,),
        force=request.force,
        project=request.project,
    )
    return job, tasks, left_out


def read_pair(
    sessions: Sequence[Session],
    given: Sequence[Given],
    metadata: Mapping[str, str],
    ontology: Ontology,
    *,
    resample: bool,
) -> Pair:
    """Read two segmentations of one case onto the grid of the second.

    Raises
    ------
    DiagnosticError
        With every problem of the files; MEA009 where they lie on different grids and nothing may be
        resampled.
    """
    other, where = read_structures(sessions[1], given[1], metadata)
    try:
        one, _ = read_structures(sessions[0], given[0], metadata, where, resample=resample)
    except DiagnosticError as failed:
        raise DiagnosticError([grid_told(d, where) for d in failed.diagnostics]) from None
    one, other = on_one_line([one, other])
    return Pair(one, other, shared_structures(ontology, [one.listed, other.listed]))


def require_shared(
    ontology: Ontology, listed: Sequence[Sequence[str]], names: Sequence[str]
) -> None:
    """Make sure that schemes have a structure in common.

    Raises
    ------
    DiagnosticError
        MEA008.
    """
    if shared_structures(ontology, [frozenset(each) for each in listed]):
        return
    text = f"`{'` and `'.join(names)}` have no structure in common"
    hint = "is one of the schemes another? `vesalius explain SCHEME` lists what each has"
    raise DiagnosticError([Diagnostic("MEA008", "error", text, help=hint)])


def grid_told(found: Diagnostic, where: Target) -> Diagnostic:
    """Say of a segmentation that cannot be compared with another why, without an image.

    Parameters
    ----------
    found : Diagnostic
        What placing it said, of labels and an image.
    where : Target
        The grid of the other.
    """
    if found.code == _LOST_ORIGIN:
        text = f"has the shape of `{where.name}`, which it is compared with, and lies elsewhere"
        hint = "the origin of one of them was lost: write it anew with that of its scan"
        return replace(found, message=text, help=hint)
    if found.code not in _OTHER_GRID:
        return found
    text = f"lies on another grid than `{where.name}`, which it is compared with"
    hint = "are both of one scan? then `--resample` takes the nearest voxel"
    return replace(found, code="MEA009", message=text, help=hint)


def _alone(
    one: Mapping[str, FoundCase], other: Mapping[str, FoundCase], request: PairRequest
) -> dict[str, Diagnostic]:
    found = {}
    for here, there, name, path in (
        (one, other, request.names[1], request.paths[1]),
        (other, one, request.names[0], request.paths[0]),
    ):
        for case, given in here.items():
            if case not in there:
                text = f"case `{case}` is not in {name} (`{path}`) and is not measured"
                found[case] = Diagnostic("MEA004", "error", text, path=str(given.path))
    return found
