"""One case to be measured: in whatever process, with a record that tells later it was done."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from vesalius.adapters.cases.file_names import problems_json
from vesalius.adapters.cases.report_file import read_whole_report, signed_line
from vesalius.adapters.cohort.case_worker import Outcome, broken
from vesalius.adapters.cohort.done_before import folder_digest
from vesalius.adapters.files.atomic import write_text
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.io_diagnostics import unreadable
from vesalius.adapters.keeping.program_version import tool_version
from vesalius.adapters.measures.table_schema import Cell, table_schema
from vesalius.engine.plan.plan_json import plan_digest
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.side_files import REPORT_BYTES, read_side_file
from vesalius.session import Session

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

RECORD_SCHEMA = "measures/1"
_REPORT = "report"
_LONGEST_NAME = 200
Tables: TypeAlias = Mapping[str, Sequence[Mapping[str, Cell]]]
"""Rows of each table that a case adds to."""


@dataclass(frozen=True)
class MeasureTask:
    """A case to be measured.

    Parameters
    ----------
    case : str
        Its name.
    segmentations : mapping of str to Path
        Files or folders by the name of their source.
    image : Path or None
        The CT.
    metadata : mapping of str to str
        What is known of the patient.
    record : Path
        Where what was measured is kept.
    beside : Path or None
        The report of the run that made a segmentation, where there is one.
    map : Path or None
        A volume that is written besides.
    """

    case: str
    segmentations: Mapping[str, Path]
    image: Path | None
    metadata: Mapping[str, str]
    record: Path
    beside: Path | None = None
    map: Path | None = None

    @property
    def inputs(self) -> dict[str, Path]:
        """Every file or folder that is read, by its role."""
        others = {"image": self.image, _REPORT: self.beside}
        return {**self.segmentations, **{k: v for k, v in others.items() if v is not None}}


@dataclass(frozen=True)
class Measured:
    """What was measured of a case.

    Parameters
    ----------
    tables : mapping of str to sequence of rows
        By the name of the declared table.
    remarks : tuple of Diagnostic
        What reading had to say.
    """

    tables: Tables
    remarks: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class MeasureJob:
    """What is the same for every case; travels once to every worker.

    Parameters
    ----------
    verb : str
        What is done, such as "stats".
    measure : callable
        Measures one case; importable by name from a module.
    sessions : mapping of str to Session
        Scheme of each source, compiled.
    options : mapping
        Settings, JSON values.
    titles : mapping of str to str
        How structures are shown.
    tables : tuple of str
        Names of the tables that cases add to.
    force : bool
        Measure cases again that were measured before.
    project : Project or None
        What it adds is known too.
    judges : mapping of str to Session
        Rules that sources are judged by, where any are.
    """

    verb: str
    measure: Callable[[MeasureJob, MeasureTask], Measured]
    sessions: Mapping[str, Session]
    options: Mapping[str, Any]
    titles: Mapping[str, str]
    tables: tuple[str, ...]
    force: bool = False
    project: Project | None = None
    judges: Mapping[str, Session] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of everything but the inputs that the rows of a case depend on."""
        data = {
            "verb": self.verb,
            "plans": {
                name: [plan_digest(session.prepared.plan), session.target.name]
                for name, session in sorted(self.sessions.items())
            },
            "judges": {
                name: plan_digest(session.prepared.plan)
                for name, session in sorted(self.judges.items())
            },
            "options": dict(sorted(self.options.items())),
            "titles": dict(sorted(self.titles.items())),
            "tables": [[name, table_schema(name).version] for name in self.tables],
        }
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    def check(self) -> None:
        """Nothing to check: what is sent is what is measured with."""


def record_path(folder: Path, case: str) -> Path:
    """Give the file in which what was measured of a case is kept."""
    # A name of a file may be no text; another one must not come to the same place.
    name = quote(case, safe=" ", errors="surrogatepass")
    if len(name) > _LONGEST_NAME:
        name = name[:100] + hashlib.sha256(case.encode("utf-8", "surrogatepass")).hexdigest()
    return folder / f"{name}.json"


def do_measure(job: MeasureJob, task: MeasureTask) -> Outcome:
    """Measure a case, unless it was measured before; whatever fails is in the outcome."""
    try:
        digests = _digests(task)
        before = None if job.force else _done_before(job, task, digests)
        if before is not None:
            return Outcome(task.case, "present", doubts=tuple(before["remarks"]))
        found = job.measure(job, task)
        remarks = problems_json(found.remarks)
        record: dict[str, object] = {
            "schema": RECORD_SCHEMA,
            "tool": tool_version(),
            "job": job.fingerprint,
            "case": task.case,
            "inputs": digests,
            "metadata": dict(task.metadata),
            "remarks": remarks,
            "tables": {name: [dict(row) for row in rows] for name, rows in found.tables.items()},
        }
        write_text(task.record, signed_line(record)[1], task.inputs.values(), swept=True)
        return Outcome(task.case, "written", doubts=tuple(remarks))
    except DiagnosticError as failed:
        return Outcome(task.case, "failed", problems=failed.diagnostics)
    except Exception as failed:
        return broken(task.case, failed)


def read_record(path: Path) -> dict[str, Any]:
    """Read what was measured of a case.

    Raises
    ------
    DiagnosticError
        MEA006 where it is not there any more, or was changed.
    """
    record = read_whole_report(path)
    if record is None or record.get("schema") != RECORD_SCHEMA:
        text = "this record of a case was changed or taken away while the tables were written"
        hint = "give the command again: the case is then measured again"
        raise DiagnosticError([Diagnostic("MEA006", "error", text, path=str(path), help=hint)])
    return record


def _done_before(
    job: MeasureJob, task: MeasureTask, digests: Mapping[str, str]
) -> dict[str, Any] | None:
    """Give the record of a case that needs not be measured again."""
    record = read_whole_report(task.record)
    is_done = (
        record is not None
        and (task.map is None or task.map.exists())
        and record.get("schema") == RECORD_SCHEMA
        and record.get("tool") == tool_version()
        and record.get("job") == job.fingerprint
        and record.get("case") == task.case
        and record.get("inputs") == digests
        and record.get("metadata") == dict(task.metadata)
    )
    return record if is_done else None


def _digests(task: MeasureTask) -> dict[str, str]:
    return {role: _digest(role, path) for role, path in sorted(task.inputs.items())}


def _digest(role: str, path: Path) -> str:
    if os.path.isdir(path):
        return folder_digest(path)
    if role != _REPORT:
        return file_digest(path)
    # No volume: it is read within the limits of what lies beside one.
    try:
        return hashlib.sha256(read_side_file(path, REPORT_BYTES)).hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None
