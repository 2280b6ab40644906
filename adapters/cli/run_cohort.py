"""`vesalius run cohort.yaml`: every case of a study, on worker processes."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from vesalius.adapters.cli.case_options import show_notes, show_warnings
from vesalius.adapters.cli.cohort_findings import has_findings, print_worst
from vesalius.adapters.cli.crash_log import keep_traces
from vesalius.adapters.cli.emit_cohort import emit_workflow
from vesalius.adapters.cli.outcome import (
    CASES_FAILED,
    FINDINGS,
    NO_INPUTS,
    USAGE,
    Ended,
    show,
    show_all,
)
from vesalius.adapters.cli.progress import counting
from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.cohort.cohort_diagnostics import MISSING_CODES
from vesalius.adapters.cohort.cohort_file import Cohort
from vesalius.adapters.cohort.cohort_job import prepare_job
from vesalius.adapters.cohort.cohort_record import COHORT_REPORT, COHORT_TABLE
from vesalius.adapters.cohort.cohort_report import (
    CohortRun,
    build_cohort_report,
    is_excluded,
    selection_report,
)
from vesalius.adapters.cohort.known_cohort import load_known_cohort
from vesalius.adapters.cohort.run_cases import prepare_run, run_cases
from vesalius.adapters.cohort.selection import Selection, rule_words
from vesalius.adapters.cohort.shard import Shard
from vesalius.adapters.cohort.shard_record import record_path
from vesalius.adapters.cohort.worker_processes import Executor, run_on_processes
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, has_errors

SHOWN = 12


@dataclass(frozen=True)
class CohortOptions:
    """How a cohort is run.

    Parameters
    ----------
    output : Path
        The output folder.
    workers : int
        Number of processes.
    keep_going : bool
        Run complete cases where others are incomplete.
    force : bool
        Run cases again that were done before.
    dry_run : bool
        Look for everything, run nothing.
    as_json : bool
        Print the report as JSON.
    fail_on : str
        What gives exit code 1; see :mod:`vesalius.adapters.cases.fail_on`.
    shard : Shard or None
        The part of the cohort to run; None for all of it.
    emit : str or None
        Write a workflow of this kind; run nothing.
    shards : int or None
        Of how many shards it is; None for as many as take half an hour each.
    html : bool
        Write pages too.
    """

    output: Path
    workers: int
    keep_going: bool
    force: bool
    dry_run: bool
    as_json: bool
    fail_on: str = "error"
    shard: Shard | None = None
    emit: str | None = None
    shards: int | None = None
    html: bool = False


def run_cohort(
    path: Path,
    options: CohortOptions,
    executor: Executor = run_on_processes,
    project: Project | None = None,
) -> None:
    """Run a cohort file.

    Parameters
    ----------
    path : Path
        The YAML.
    options : CohortOptions
        How.
    executor : callable
        Gives an outcome for every task; by default processes of this machine.
    project : Project, optional
        What it adds is known too; the cohort file alone says what is run.

    Raises
    ------
    DiagnosticError
        With every problem of the cohort file; COH015 where another run is at work in the folder.
    Ended
        2 or 3 where cases are incomplete and nothing was started, 4 where cases failed, else 1
        where there are findings that matter.
    """
    cohort = load_known_cohort(path, project)
    job = prepare_job(cohort, options.force)
    show_warnings(job.session)
    run = prepare_run(cohort, job, options.output, options.shard)
    if not options.as_json:
        _print_selection(cohort, run.selection, options.shard)
    show_all(run.tasks.problems)
    _stop_if_incomplete(run, options)
    if options.emit is not None:
        emit_workflow(
            run, path, options.workers, options.shards,
            keep_going=options.keep_going, project=project,
        )  # fmt: skip
        return
    if options.dry_run:
        _print(run, [], options)
        _show_notes(run)
        return
    with counting("merging", len(run.tasks.ready)) as advance:
        outcomes = run_cases(run, options.workers, executor, advance)
    _print(run, outcomes, options)
    _show_notes(run)
    if options.html:
        from vesalius.adapters.cli.add_pages import add_pages  # noqa: PLC0415

        add_pages(options.output, project)
    if run.tasks.incomplete or any(outcome.status == "failed" for outcome in outcomes):
        raise Ended(CASES_FAILED)
    if has_findings(outcomes, options.fail_on):
        raise Ended(FINDINGS)


def _show_notes(run: CohortRun) -> None:
    cohort = run.cohort
    schemes = [source.scheme for source in cohort.sources]
    show_notes(run.job.session, schemes, cohort.target, cohort.rules.packs, cohort.rules.select)


def _stop_if_incomplete(run: CohortRun, options: CohortOptions) -> None:
    """Stop before any work where a case is incomplete, unless the complete ones shall run."""
    tasks = run.tasks
    if not run.selection.kept and run.shard is None:
        span = run.cohort.document.span(("select",), key=True)
        text = f"the selection keeps none of {plural(len(run.selection.found), 'case')}"
        raise DiagnosticError([Diagnostic("COH009", "error", text, span=span)])
    if not has_errors(tasks.problems):
        return
    codes = {d.code for d in tasks.problems if d.severity == "error"}
    # A shard may be one whose cases are all incomplete; its record says so.
    if options.keep_going and (tasks.ready or run.shard is not None):
        number = plural(len(tasks.incomplete), "case")
        click.echo(f"going on without {number}", err=True)
        return
    if tasks.ready:
        number = plural(len(tasks.ready), "case")
        click.echo(f"nothing was started; {number} could run with --keep-going", err=True)
    raise Ended(NO_INPUTS if codes <= MISSING_CODES else USAGE)


def _print_selection(cohort: Cohort, selection: Selection, shard: Shard | None) -> None:
    report = selection_report(cohort, selection)
    total = f" of {len(selection.everywhere):,}" if shard else ""
    name = f"{cohort.name}, shard {shard}" if shard else cohort.name
    noun = "case" if report["found"] == 1 and not total else "cases"
    click.echo(f"{name}: {report['found']:,}{total} {noun}, {report['kept']:,} kept")
    for position, rule in enumerate(cohort.select):
        why = {
            case: reason.text
            for case, reasons in selection.dropped.items()
            for reason in reasons
            if reason.rule == position
        }
        if why:
            click.echo(f"  {rule_words(rule)}: {plural(len(why), 'case')} dropped")
        for case, text in list(why.items())[:SHOWN]:
            click.echo(f"    {case}: {text}")
        if len(why) > SHOWN:
            click.echo(f"    and {len(why) - SHOWN:,} more, see {COHORT_REPORT}")


def _print(run: CohortRun, outcomes: list[Outcome], options: CohortOptions) -> None:
    order = {task.case: position for position, task in enumerate(run.tasks.ready)}
    failed = sorted(
        (outcome for outcome in outcomes if outcome.status == "failed"),
        key=lambda outcome: order[outcome.case],
    )
    for outcome in failed:
        click.echo(f"case `{outcome.case}` failed:", err=True)
        show(outcome.problems)
    keep_traces((outcome.case, outcome.trace) for outcome in failed)
    if options.as_json:
        click.echo(json.dumps(build_cohort_report(run, outcomes), indent=2))
        return
    if options.dry_run:
        click.echo(f"{plural(len(run.tasks.ready), 'case')} can be run; nothing was written")
        return
    excluded = sum(is_excluded(outcome) for outcome in outcomes)
    kept = Counter(outcome.status for outcome in outcomes if not is_excluded(outcome))
    words = [f"{kept['written']:,} written"]
    words += [f"{kept['present']:,} done before"] if kept["present"] else []
    words += [f"{excluded:,} excluded"] if excluded else []
    words += [f"{len(failed):,} failed"] if failed else []
    words += [f"{len(run.tasks.incomplete):,} incomplete"] if run.tasks.incomplete else []
    if run.shard is None:
        click.echo(f"{', '.join(words)}; {run.output / COHORT_REPORT}, {COHORT_TABLE}")
        print_worst(outcomes, order)
        return
    record = record_path(run.output, run.shard)
    click.echo(f"{', '.join(words)}; {record}")
    print_worst(outcomes, order, record.name)
