"""`vesalius convert`: a segmentation in another scheme, and what was lost on the way."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vesalius.adapters.cases.run_case import label_rows, run_case, write_map
from vesalius.adapters.cli.case_options import SEXES, prepare
from vesalius.adapters.cli.losses import print_told_apart_no_more
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.plan_notes import show_plan_notes
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.summary import print_lost, print_summary


@click.command(name="convert")
@click.argument("segmentation", type=click.Path(readable=False, path_type=Path))
@click.option("--from", "source", required=True, metavar="SCHEME")
@click.option("--to", "target", required=True, metavar="SCHEME")
@click.option("--sex", type=click.Choice(SEXES), default="unknown", show_default=True)
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
def command(
    segmentation: Path, source: str, target: str, sex: str, output: Path, form: str
) -> None:
    """Write a segmentation in the integers of another scheme.

    What the target has no place for, what is dropped and which classes can no longer be told apart
    is reported; nothing is lost in silence.
    """
    job = prepare([(source, segmentation)], target, None, sex, False)
    with working("converting"):
        done = run_case(job.files, job.compiled, job.schemes)
        write_map(done, output, label_rows(job.target, job.ontology), job.inputs)
    show_plan_notes(job.compiled.diagnostics, job.compile_command)
    show(done.case.diagnostics)
    if form == "json":
        click.echo(json.dumps(done.report, indent=2))
    else:
        print_lost(done.report)
        print_told_apart_no_more(done.report)
        print_summary(done.report, output)
