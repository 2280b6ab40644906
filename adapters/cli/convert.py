"""`vesalius convert`: a segmentation in another scheme, and what was lost on the way."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vesalius.adapters.cli.case_options import (
    name_schemes,
    sex_option,
    show_notes,
    show_warnings,
)
from vesalius.adapters.cli.losses import print_told_apart_no_more
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.summary import print_lost, print_summary
from vesalius.session import Session


@click.command(name="convert")
@click.argument("segmentation", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--from", "source", required=True, metavar="SCHEME",
    help="`auto` for the one that fits clearly best.",
)  # fmt: skip
@click.option("--to", "target", required=True, metavar="SCHEME")
@sex_option
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
def command(
    segmentation: Path, source: str, target: str, sex: str, output: Path, form: str
) -> None:
    """Write a segmentation in the integers of another scheme.

    What the target has no place for, what is dropped and which classes can no longer be told apart
    is reported; nothing is lost in silence.
    """
    project = current_project()
    ((source, _),) = name_schemes([(source, segmentation)], project)
    session = Session(source, target, rules=None, project=project)
    show_warnings(session)
    with working("converting"):
        done = session.convert(segmentation, {"sex": sex})
        done.save(output)
    show(done.remarks)
    if form == "json":
        click.echo(json.dumps(done.report, indent=2))
    else:
        print_lost(done.report)
        print_told_apart_no_more(done.report)
        print_summary(done.report, output)
    show_notes(session, [source], target)
