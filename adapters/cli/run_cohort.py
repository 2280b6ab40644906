"""`vesalius run cohort.yaml`: every case of a study, on worker processes."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from vesalius.adapters.cases.run_case import ITKSNAP, SLICER, label_rows
from vesalius.adapters.cli.case_options import Job, prepare
from vesalius.adapters.cli.outcome import CASES_FAILED, NO_INPUTS, USAGE, Ended, show, show_all
from vesalius.adapters.cli.plan_notes import show_plan_notes
from vesalius.adapters.cli.rule_choice import RuleChoice
from vesalius.adapters.cohort.case_tasks import prepare_tasks
from vesalius.adapters.cohort.case_worker import CohortJob, Outcome
from vesalius.adapters.cohort.cohort_diagnostics import MISSING_CODES, cases_in_words, error
from vesalius.adapters.cohort.cohort_file import Cohort, load_cohort
from vesalius.adapters.cohort.cohort_report import (
    COHORT_REPORT,
    CohortRun,
    build_cohort_report,
    selection_report,
)
from vesalius.adapters.cohort.selection import Selection, rule_words, select_cases
from vesalius.adapters.cohort.worker_processes import Executor, run_on_processes
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.claims import RUNNING, alone
from vesalius.adapters.files.io_diagnostics import unwritable
from vesalius.adapters.files.label_tables import itksnap_table, slicer_table
from vesalius.engine.plan_json import plan_digest
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, has_errors
from vesalius.ontology.ontology import load_ontology

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
    """

    output: Path
    workers: int
    keep_going: bool
    force: bool
    dry_run: bool
    as_json: bool


def run_cohort(path: Path, options: CohortOptions, executor: Executor = run_on_processes) -> None:
    """Run a cohort file.

    Parameters
    ----------
    path : Path
        The YAML.
    options : CohortOptions
        How.
    executor : callable
        Gives an outcome for every task; by default processes of this machine.

    Raises
    ------
    DiagnosticError
        With every problem of the cohort file; COH015 where another run is at work in the folder.
    Ended
        2 or 3 where cases are incomplete and nothing was started, 4 where cases failed.
    """
    cohort = load_cohort(path, load_ontology())
    run = _prepared(cohort, options)
    if not options.as_json:
        _print_selection(cohort, run.selection)
    show_all(run.tasks.problems)
    _stop_if_incomplete(run, options)
    if options.dry_run:
        _print(run, [], options)
        return
    outcomes: list[Outcome] = []
    with _alone(run):
        _write(run, outcomes)
        try:
            with (
                closing(executor(run.job, run.tasks.ready, options.workers)) as done,
                _bar(len(run.tasks.ready)) as advance,
            ):
                for outcome in done:
                    outcomes.append(outcome)
                    advance(outcome)
        finally:
            _write(run, outcomes)
    _print(run, outcomes, options)
    if run.tasks.incomplete or any(outcome.status == "failed" for outcome in outcomes):
        raise Ended(CASES_FAILED)


def _shared(cohort: Cohort, choice: RuleChoice) -> Job:
    """Compile the plan of all cases as that of a single one."""
    try:
        return prepare(
            [(source.scheme, Path(source.template.text)) for source in cohort.sources],
            cohort.target,
            None,
            "unknown",
            cohort.resample,
            choice,
        )
    except DiagnosticError as failed:
        # Schemes are checked before; what has no place is the choice of rules.
        span = cohort.document.span(("rules",))
        raise DiagnosticError(
            [d if d.span or d.path else replace(d, span=span) for d in failed.diagnostics]
        ) from None


def _prepared(cohort: Cohort, options: CohortOptions) -> CohortRun:
    rules = cohort.rules
    choice = RuleChoice(rules.pack, tuple(rules.select), unsafe=rules.unsafe, trace=rules.trace)
    shared = _shared(cohort, choice)
    show_plan_notes(shared.compiled.diagnostics, shared.compile_command)
    selection = select_cases(cohort)
    tokens = [prediction.token for prediction in shared.files.predictions]
    tasks = prepare_tasks(cohort, selection, tokens, options.output)
    job = CohortJob(
        compiled=shared.compiled,
        digest=plan_digest(shared.compiled.plan),
        schemes=dict(shared.schemes),
        rows=tuple(label_rows(shared.target, shared.ontology)),
        options=choice.options(),
        resample=cohort.resample,
        force=options.force,
    )
    return CohortRun(cohort, selection, tasks, job, options.output)


def _stop_if_incomplete(run: CohortRun, options: CohortOptions) -> None:
    """Stop before any work where a case is incomplete, unless the complete ones shall run."""
    tasks = run.tasks
    if not run.selection.kept:
        span = run.cohort.document.span(("select",), key=True)
        text = f"the selection keeps none of {cases_in_words(len(run.selection.found))}"
        raise DiagnosticError([Diagnostic("COH009", "error", text, span=span)])
    if not has_errors(tasks.problems):
        return
    codes = {d.code for d in tasks.problems if d.severity == "error"}
    if tasks.ready and options.keep_going:
        number = cases_in_words(len(tasks.incomplete))
        click.echo(f"going on without {number}", err=True)
        return
    if tasks.ready:
        number = cases_in_words(len(tasks.ready))
        click.echo(f"nothing was started; {number} could run with --keep-going", err=True)
    raise Ended(NO_INPUTS if codes <= MISSING_CODES else USAGE)


@contextmanager
def _alone(run: CohortRun) -> Iterator[None]:
    """Keep other runs out of the output folder; a run that dies leaves no lock behind."""
    with Outputs(run.output, run.cohort.inputs):
        pass  # makes the folder
    with ExitStack() as stack:
        try:
            ours = stack.enter_context(alone(run.output / RUNNING))
        except OSError as failed:
            raise unwritable(run.output, failed) from None
        if not ours:
            text = "another run is at work in this output folder"
            hint = "wait for it, or end it; then give the command again"
            raise DiagnosticError([error("COH015", text, None, hint, str(run.output))])
        yield


def _write(run: CohortRun, outcomes: list[Outcome]) -> None:
    with Outputs(run.output, run.cohort.inputs) as outputs:
        outputs.write_json(run.output / COHORT_REPORT, build_cohort_report(run, outcomes))
        if not run.cohort.output.text.endswith("/"):
            outputs.write_text(run.output / ITKSNAP, itksnap_table(run.job.rows))
            outputs.write_text(run.output / SLICER, slicer_table(run.job.rows))


def _print_selection(cohort: Cohort, selection: Selection) -> None:
    report = selection_report(cohort, selection)
    click.echo(f"{cohort.name}: {report['found']:,} cases, {report['kept']:,} kept")
    for position, rule in enumerate(cohort.select):
        why = {
            case: reason.text
            for case, reasons in selection.dropped.items()
            for reason in reasons
            if reason.rule == position
        }
        if why:
            click.echo(f"  {rule_words(rule)}: {cases_in_words(len(why))} dropped")
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
    _keep_traces(failed)
    if options.as_json:
        click.echo(json.dumps(build_cohort_report(run, outcomes), indent=2))
        return
    if options.dry_run:
        click.echo(f"{cases_in_words(len(run.tasks.ready))} can be run; nothing was written")
        return
    written = sum(outcome.status == "written" for outcome in outcomes)
    present = sum(outcome.status == "present" for outcome in outcomes)
    words = [f"{written:,} written"]
    words += [f"{present:,} done before"] if present else []
    words += [f"{len(failed):,} failed"] if failed else []
    words += [f"{len(run.tasks.incomplete):,} incomplete"] if run.tasks.incomplete else []
    click.echo(f"{', '.join(words)}; {run.output / COHORT_REPORT}")


def _keep_traces(failed: list[Outcome]) -> None:
    traces = [f"case {outcome.case}\n{outcome.trace}" for outcome in failed if outcome.trace]
    if not traces:
        return
    with tempfile.NamedTemporaryFile(
        "w", prefix="vesalius-crash-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        log.write("\n".join(traces))
    click.echo(f"the details of what broke are in {log.name}; please report them", err=True)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[Outcome], None]]:
    """Show a progress bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - not needed for a pipe
    from rich.progress import (  # noqa: PLC0415  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(), console=Console(stderr=True), transient=True,
    ) as progress:  # fmt: skip
        bar = progress.add_task("merging", total=total)
        failed = 0

        def advance(outcome: Outcome) -> None:
            nonlocal failed
            failed += outcome.status == "failed"
            words = f"merging, {failed} failed" if failed else "merging"
            progress.update(bar, advance=1, description=words)

        yield advance
