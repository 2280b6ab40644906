"""Running the cases of a cohort, and keeping its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

from vesalius.adapters.cases.map_result import ITKSNAP, SLICER
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cohort.case_tasks import prepare_tasks
from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.adapters.cohort.cohort_file import Cohort
from vesalius.adapters.cohort.cohort_job import CohortJob
from vesalius.adapters.cohort.cohort_record import COHORT_REPORT, COHORT_TABLE
from vesalius.adapters.cohort.cohort_report import CohortRun, build_cohort_report, known_before
from vesalius.adapters.cohort.cohort_table import cohort_table
from vesalius.adapters.cohort.selection import select_cases
from vesalius.adapters.cohort.shard import Shard, check_counts
from vesalius.adapters.cohort.shard_record import SHARDS, keeping_record, shard_records
from vesalius.adapters.cohort.worker_processes import Executor, run_on_processes
from vesalius.adapters.files.atomic import Outputs, where_it_leads
from vesalius.adapters.files.claims import RUNNING, alone, together
from vesalius.adapters.files.io_diagnostics import unwritable
from vesalius.adapters.files.label_tables import itksnap_table, slicer_table
from vesalius.ontology.reading.diagnostics import DiagnosticError


def prepare_run(
    cohort: Cohort, job: CohortJob, output: Path, shard: Shard | None = None
) -> CohortRun:
    """Choose the cases and look for every file.

    Parameters
    ----------
    cohort : Cohort
        As declared.
    job : CohortJob
        Its plan.
    output : Path
        The output folder.
    shard : Shard, optional
        The part of the cohort that is to be run.

    Raises
    ------
    DiagnosticError
        With every problem of the selection; what cases lack is in the result.
    """
    selection = select_cases(cohort, shard)
    output = where_it_leads(output)
    tasks = prepare_tasks(cohort, selection, list(job.session.tokens), output)
    return CohortRun(cohort, selection, tasks, job, output, shard)


def run_cases(
    run: CohortRun,
    workers: int = 1,
    executor: Executor = run_on_processes,
    advance: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run the cases that are complete; the cohort's report is written before and after.

    A shard keeps a record of its own (:mod:`vesalius.adapters.cohort.shard_record`) instead, and
    may run while others do.

    Parameters
    ----------
    run : CohortRun
        What is to be done.
    workers : int
        Number of processes.
    executor : callable
        Gives an outcome for every task; by default processes of this machine.
    advance : callable, optional
        Told every outcome.

    Returns
    -------
    list of Outcome
        As the cases finished.

    Raises
    ------
    DiagnosticError
        COH015 where another run is at work in the folder; COH017 where shards of another number
        are recorded there; IO050, IO051 where it cannot be
        written.
    """
    outcomes: list[Outcome] = []
    with (
        _alone(run),
        _recording(run, outcomes) as note,
        closing(executor(run.job, run.tasks.ready, workers)) as done,
    ):
        for outcome in done:
            outcomes.append(outcome)
            note(outcome)
            if advance is not None:
                advance(outcome)
    return outcomes


@contextmanager
def beside_shards(output: Path) -> Iterator[None]:
    """Keep a run of the whole cohort out of an output folder that is there; shards may be in it.

    Raises
    ------
    DiagnosticError
        COH015 where one is at work; IO050, IO051 where nothing can be written.
    """
    with _inside(together(output / RUNNING), output, _OTHER):
        yield


_OTHER = "another run is at work in this output folder"


@contextmanager
def _alone(run: CohortRun) -> Iterator[None]:
    """Keep runs of the same cases out of the output folder; one that dies leaves no lock behind."""
    with Outputs(run.output, run.cohort.inputs):
        pass  # makes the folder
    if run.shard is None:
        with _inside(alone(run.output / RUNNING), run.output, _OTHER):
            yield
        return
    records = run.output / SHARDS
    with Outputs(records, run.cohort.inputs):
        pass
    lock = records / f"{RUNNING}-{run.shard.name}"
    words = f"another run of shard {run.shard} is at work in this output folder"
    with beside_shards(run.output), _inside(alone(lock), run.output, words):
        check_counts([run.shard, *shard_records(run.output)], run.output)
        yield


@contextmanager
def _inside(lock: AbstractContextManager[bool], output: Path, words: str) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            ours = stack.enter_context(lock)
        except OSError as failed:
            raise unwritable(output, failed) from None
        if not ours:
            hint = "wait for it, or end it; then give the command again"
            raise DiagnosticError([error("COH015", words, None, hint, str(output))])
        yield


@contextmanager
def _recording(run: CohortRun, outcomes: list[Outcome]) -> Iterator[Callable[[Outcome], None]]:
    """Write what is known before and after; gives what is told every outcome."""
    if run.shard is not None:
        _write_tables(run)
        with keeping_record(run, run.shard) as note:
            yield note
        return
    known = known_before(run)
    _write(run, outcomes, known)
    try:
        yield lambda outcome: None
    finally:
        _write(run, outcomes, known)


def _write_tables(run: CohortRun) -> None:
    """Write the tables of all cases, where another shard has not done so."""
    if run.cohort.output.text.endswith("/"):
        return
    rows = run.job.session.rows
    texts = {ITKSNAP: itksnap_table(rows), SLICER: slicer_table(rows)}
    with Outputs(run.output, run.cohort.inputs) as outputs:
        for name, text in texts.items():
            path = run.output / name
            if not path.is_file() or path.read_bytes() != text.encode():
                outputs.write_text(path, text)


def _write(run: CohortRun, outcomes: list[Outcome], known: Mapping[str, Json]) -> None:
    rows = run.job.session.rows
    with Outputs(run.output, run.cohort.inputs) as outputs:
        report = build_cohort_report(run, outcomes, known)
        outputs.write_json(run.output / COHORT_REPORT, report)
        outputs.write_text(run.output / COHORT_TABLE, cohort_table(report))
        if not run.cohort.output.text.endswith("/"):
            outputs.write_text(run.output / ITKSNAP, itksnap_table(rows))
            outputs.write_text(run.output / SLICER, slicer_table(rows))
