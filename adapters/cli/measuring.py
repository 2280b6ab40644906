"""What the verbs that measure have in common: options, problems of cases, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vesalius.adapters.cli.common_options import format_option, workers_option
from vesalius.adapters.cli.crash_log import keep_traces
from vesalius.adapters.cli.outcome import CASES_FAILED, NO_INPUTS, Ended, show, show_all
from vesalius.adapters.cli.progress import counting
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.measures.table_files import csv_text, has_parquet
from vesalius.ontology.reading.diagnostics import Diagnostic

if TYPE_CHECKING:
    from vesalius.adapters.measures.measure_task import MeasureJob, MeasureTask
    from vesalius.adapters.measures.run_measures import Measurement

F = TypeVar("F", bound=Callable[..., object])
FORMATS = ("human", "csv", "json")


def measuring_options(command: F) -> F:
    """Add the options of all verbs that measure."""
    for option in (
        click.option(
            "--force", is_flag=True, help="Measure cases again that were measured before."
        ),
        format_option(FORMATS),
        workers_option(),
        click.option(
            "--output", "-o", type=click.Path(file_okay=False, path_type=Path),
            help="Folder of the tables; cases that were measured before are not measured again.",
        ),
        click.option(
            "--resample", is_flag=True, help="Allow nearest-neighbour resampling to one grid."
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def measure(
    job: MeasureJob,
    tasks: Sequence[MeasureTask],
    left_out: Mapping[str, Diagnostic],
    workers: int,
    what: str,
) -> Measurement:
    """Measure cases with a bar, and tell what is wrong with them.

    Raises
    ------
    Ended
        3 where no case could be begun.
    """
    # Whoever asks how a verb is used does not wait for the engine.
    from vesalius.adapters.measures.run_measures import measure_cases  # noqa: PLC0415

    for session in job.sessions.values():
        show((*session.project_remarks, *session.scheme_remarks))
    show_all(left_out.values())
    if not tasks:
        raise Ended(NO_INPUTS)
    with counting(what, len(tasks)) as advance:
        made = measure_cases(job, tasks, workers, advance)
    made.left_out.update(left_out)
    for outcome in made.failed:
        click.echo(f"case `{outcome.case}` failed:", err=True)
        show(outcome.problems)
    keep_traces((outcome.case, outcome.trace) for outcome in made.failed)
    _show_remarks(made)
    return made


def _print_none(made: Measurement) -> bool:
    """Say that no case was measured, where it is so, and tell whether it is."""
    none = len(made.failed) == len(made.tasks)
    if none:
        click.echo("no case was measured", err=True)
    return none


def _show_remarks(made: Measurement) -> None:
    """Tell what reading the cases had to say, each remark once, with the number of its cases."""
    seen: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for remark in made.remarks:
        seen.setdefault((remark["code"], remark["message"]), []).append(remark)
    found = []
    for (code, message), remarks in seen.items():
        more = len(remarks) - 1
        text = message + (f" (and {plural(more, 'more file')})" if more else "")
        found.append(Diagnostic(code, remarks[0]["severity"], text, path=remarks[0].get("path")))
    show(found)


def print_measured(made: Measurement, form: str, print_human: Callable[[], object]) -> None:
    """Print the table of the verb, or for a person what is given, where a case was measured."""
    if form != "human":
        print_rows(made.job.verb, made.rows(made.job.verb), form)
    elif not _print_none(made):
        print_human()


def print_rows(name: str, rows: Iterable[dict[str, Any]], form: str) -> None:
    """Print a table as CSV or JSON."""
    if form == "csv":
        click.echo(csv_text(name, rows), nl=False)
    else:
        click.echo(json.dumps(list(rows), indent=2))


def print_place(made: Measurement, output: Path | None, names: Sequence[str], form: str) -> None:
    """Say where the tables are, unless a program reads what is printed."""
    if output is None or form != "human":
        return
    files = [f"{name}.csv" for name in names]
    files += [f"{name}.parquet" for name in names] if has_parquet() else []
    click.echo(f"{output}: {', '.join(files)}, {made.job.verb}.json")


def end(made: Measurement) -> None:
    """Leave with the exit code of what became of the cases.

    Raises
    ------
    Ended
        4 where a case was not measured.
    """
    if not made.complete:
        raise Ended(CASES_FAILED)


def figure(value: float | None, digits: int = 1) -> str:
    """Write a figure for a person; a dash where it is undefined."""
    return "-" if value is None else f"{value:,.{digits}f}"
