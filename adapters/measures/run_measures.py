"""Measuring many cases: on workers, going on where a run was interrupted, tables in the end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.file_names import problems_json
from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.cohort.worker_processes import run_tasks
from vesalius.adapters.files.atomic import Outputs, check_output
from vesalius.adapters.files.claims import RUNNING, alone
from vesalius.adapters.files.io_diagnostics import unwritable
from vesalius.adapters.keeping.program_version import tool_version
from vesalius.adapters.measures.measure_task import (
    MeasureJob,
    MeasureTask,
    do_measure,
    read_record,
)
from vesalius.adapters.measures.table_files import has_parquet, write_table
from vesalius.adapters.measures.table_schema import Row, table_schema
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

REPORT_SCHEMA = "measure-report/1"
RECORDS = "cases"
"""Folder, below that of the output, of what was measured of each case."""


@dataclass(frozen=True)
class Measurement:
    """Cases that were measured; their rows are read from records, one case at a time.

    Parameters
    ----------
    job : MeasureJob
        How.
    tasks : tuple of MeasureTask
        The cases.
    outcomes : dict of str to Outcome
        By case.
    left_out : dict of str to Diagnostic
        Cases that were not begun, and why.
    """

    job: MeasureJob
    tasks: tuple[MeasureTask, ...]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    left_out: dict[str, Diagnostic] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Outcomes of cases that failed, in the order of the cases."""
        found = (self.outcomes.get(task.case) for task in self.tasks)
        return tuple(one for one in found if one is not None and one.status == "failed")

    @property
    def complete(self) -> bool:
        """Whether every case was measured."""
        return not self.failed and not self.left_out

    @property
    def remarks(self) -> Iterator[dict[str, Any]]:
        """What reading the cases had to say, as problems in JSON, in the order of the cases."""
        for task in self.tasks:
            if (outcome := self.outcomes.get(task.case)) is not None:
                yield from outcome.doubts

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, case by case in order."""
        for _, record in self.records():
            yield from record["tables"].get(table, ())

    def records(self) -> Iterator[tuple[MeasureTask, dict[str, Any]]]:
        """Yield what was measured of each case."""
        for task in self.tasks:
            outcome = self.outcomes.get(task.case)
            if outcome is not None and outcome.status != "failed":
                yield task, read_record(task.record)


@contextmanager
def records_folder(output: Path | None, inputs: Sequence[Path], verb: str) -> Iterator[Path]:
    """Give the folder of the records: below the output, or one that is taken away in the end.

    Parameters
    ----------
    output : Path or None
        The output folder; no other run may be at work in it.
    inputs : sequence of Path
        What is read; the output may not lie in it.
    verb : str
        What is done; each verb keeps its own records, so that several may share a folder.

    Raises
    ------
    DiagnosticError
        COH015 where another run is at work there; IO050 where it cannot be written; IO052 where it
        is an input.
    """
    if output is None:
        with tempfile.TemporaryDirectory(prefix="vesalius-") as folder:
            yield Path(folder)
        return
    records = output / RECORDS / verb
    found = check_output(records / "record", inputs)
    if found:
        raise DiagnosticError(found)
    with Outputs(records):
        pass  # makes the folders
    with ExitStack() as stack:
        try:
            ours = stack.enter_context(alone(output / RUNNING))
        except OSError as failed:
            raise unwritable(output, failed) from None
        if not ours:
            text = "another run is at work in this output folder"
            hint = "wait for it, or end it; then give the command again"
            problem = Diagnostic("COH015", "error", text, path=str(output), help=hint)
            raise DiagnosticError([problem])
        yield records


def measure_cases(
    job: MeasureJob,
    tasks: Sequence[MeasureTask],
    workers: int = 1,
    advance: Callable[[Outcome], None] | None = None,
) -> Measurement:
    """Measure cases; one that fails does not stop the others.

    Parameters
    ----------
    job : MeasureJob
        How.
    tasks : sequence of MeasureTask
        The cases.
    workers : int
        Processes; one case after the other in this process for 1.
    advance : callable, optional
        Told every outcome.
    """
    made = Measurement(job, tuple(tasks))
    done = (
        (do_measure(job, task) for task in tasks)
        if workers == 1
        else run_tasks(job, tasks, workers, do_measure)
    )
    for outcome in done:
        made.outcomes[outcome.case] = outcome
        if advance is not None:
            advance(outcome)
    return made


def write_tables(
    made: Measurement,
    output: Path,
    more: dict[str, Sequence[Row]] | None = None,
    add: Callable[[Outputs], None] | None = None,
    summary: dict[str, Any] | None = None,
) -> None:
    """Write the tables of a measurement and its report, all or none.

    Parameters
    ----------
    made : Measurement
        What was measured.
    output : Path
        The output folder.
    more : dict of str to rows, optional
        Further tables, over all cases.
    add : callable, optional
        Writes further files.
    summary : dict, optional
        Figures over all cases, for the report.
    """
    inputs = [path for task in made.tasks for path in task.inputs.values()]
    parquet = has_parquet()
    with Outputs(output, inputs) as outputs:
        for name in made.job.tables:
            write_table(outputs, output, name, made.rows(name), parquet=parquet)
        for name, rows in (more or {}).items():
            write_table(outputs, output, name, rows, parquet=parquet)
        if add is not None:
            add(outputs)
        names = (*made.job.tables, *(more or {}))
        outputs.write_json(output / f"{made.job.verb}.json", _report(made, names, summary or {}))


def _report(made: Measurement, tables: Sequence[str], summary: dict[str, Any]) -> dict[str, Any]:
    job = made.job
    cases = []
    for task in made.tasks:
        outcome = made.outcomes.get(task.case)
        failed = outcome is None or outcome.status == "failed"
        problems = outcome.problems if outcome is not None else ()
        cases.append(
            {
                "case": task.case,
                "status": "failed" if failed else "measured",
                "inputs": {role: str(path) for role, path in task.inputs.items()},
                "problems": problems_json(problems),
                "remarks": [] if outcome is None else list(outcome.doubts),
            }
        )
    cases += [
        {"case": case, "status": "left out", "problems": problems_json((why,))}
        for case, why in made.left_out.items()
    ]
    return {
        "schema": REPORT_SCHEMA,
        "tool": tool_version(),
        "verb": job.verb,
        "settings": job.fingerprint,
        "options": dict(job.options),
        "schemes": {name: session.target.name for name, session in job.sessions.items()},
        "tables": {name: table_schema(name).version for name in tables},
        "summary": summary,
        "cases": cases,
    }
