"""`vesalius report`: what a run wrote, as pages that work from the disk."""

from __future__ import annotations

from pathlib import Path

import click

from vesalius.adapters.cli.common_options import workers_option
from vesalius.adapters.cli.crash_log import keep_traces
from vesalius.adapters.cli.outcome import CASES_FAILED, Ended, show_all
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.files.io_diagnostics import plural


@click.command(name="report")
@click.argument("folder", metavar="OUT", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--output", "-o", required=True, metavar="PAGES",
    type=click.Path(file_okay=False, path_type=Path), help="The folder of the pages.",
)  # fmt: skip
@click.option(
    "--settings", metavar="FILE.yaml", type=click.Path(path_type=Path),
    help="From when panels call something missing or unusual: a copy of the shipped report.yaml"
    " with other figures.",
)  # fmt: skip
@workers_option()
def command(folder: Path, output: Path, settings: Path | None, workers: int) -> None:
    """Write pages that show what a run made of a case or a cohort.

    OUT is what `vesalius run -o OUT` wrote. PAGES/index.html has the verdicts first, then every
    case, the worst first; a page for each case has slices before and after its rules, and each
    finding in its place. The pages need no network and no server.
    """
    # Whoever asks how the verb is used does not wait for what draws.
    from vesalius.adapters.report.record import read_record  # noqa: PLC0415
    from vesalius.adapters.report.settings import SHIPPED  # noqa: PLC0415
    from vesalius.adapters.report.write_pages import write_pages  # noqa: PLC0415

    record = read_record(folder)
    with working("drawing"):
        written = write_pages(record, output, current_project(), settings or SHIPPED, workers)
    show_all(written.problems)
    keep_traces((outcome.case, outcome.trace) for outcome in written.failed)
    click.echo(f"{written.index}: {plural(len(record.cases), 'case')}, "
               f"{plural(written.pages, 'page')} of cases")  # fmt: skip
    if written.problems:
        raise Ended(CASES_FAILED)
