"""Pages beside what a run wrote: `vesalius run --html`."""

from __future__ import annotations

from pathlib import Path

import click

from vesalius.adapters.cli.outcome import show_all
from vesalius.adapters.cli.progress import working
from vesalius.adapters.report.record import read_record
from vesalius.adapters.report.write_pages import write_pages
from vesalius.ontology.project import Project

HTML = "html"


def add_pages(output: Path, project: Project | None) -> None:
    """Write the pages of a run into its output folder, and say where.

    Parameters
    ----------
    output : Path
        What the run wrote.
    project : Project or None
        Where schemes are looked for besides those that are shipped.

    Raises
    ------
    DiagnosticError
        As `write_pages`.
    """
    with working("drawing"):
        written = write_pages(read_record(output), output / HTML, project)
    show_all(written.problems)
    click.echo(f"pages: {written.index}", err=True)
