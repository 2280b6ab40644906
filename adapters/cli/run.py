"""`vesalius run`: one case, from the predictions of several models to one label map."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vesalius.adapters.cases.run_case import label_rows, run_case, write_case
from vesalius.adapters.cli.case_options import SEXES, prepare, split_prediction
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.rule_choice import RuleChoice, rule_options
from vesalius.adapters.cli.summary import print_changes, print_rules, print_summary


@click.command(name="run")
@click.option(
    "--prediction", "-p", "predictions", multiple=True, required=True, metavar="SCHEME=PATH",
    help="A multi-label file, or a folder with one mask per class. May be given several times.",
)  # fmt: skip
@click.option(
    "--image", "-i", type=click.Path(path_type=Path),
    help="The CT; the output has its grid.",
)  # fmt: skip
@click.option("--target", "-t", default="dap_atlas", show_default=True, metavar="SCHEME")
@click.option("--sex", type=click.Choice(SEXES), default="unknown", show_default=True)
@rule_options
@click.option("--unsafe", is_flag=True, help="Make unsafe repairs too.")
@click.option("--diff", is_flag=True, help="Show what the rules would change; write nothing.")
@click.option("--trace", is_flag=True, help="Note which rule wrote each voxel (trace.nii.gz).")
@click.option("--resample", is_flag=True, help="Allow nearest-neighbour resampling to the CT.")
@click.option("--output", "-o", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
def command(
    predictions: tuple[str, ...],
    image: Path | None,
    target: str,
    sex: str,
    rules: str,
    select: tuple[str, ...],
    unsafe: bool,
    diff: bool,
    trace: bool,
    resample: bool,
    output: Path | None,
    form: str,
) -> None:
    """Merge the predictions of one case into one label map and repair it.

    Writes labels.nii.gz, report.json and label tables for ITK-SNAP (labels.txt) and 3D Slicer
    (labels.ctbl) into the output folder, all or none.
    """
    if output is None and not diff:
        raise click.UsageError("give an output folder with -o, or --diff to write nothing")
    choice = RuleChoice(rules, select, unsafe=unsafe, trace=trace)
    job = prepare([split_prediction(p) for p in predictions], target, image, sex, resample, choice)
    with working("merging"):
        done = run_case(job.files, job.compiled, job.schemes, choice.options())
        if output is not None and not diff:
            write_case(done, output, label_rows(job.target, job.ontology), job.inputs)
    show((*job.compiled.diagnostics, *done.case.diagnostics))
    if form == "json":
        click.echo(json.dumps(done.report, indent=2))
    elif diff or output is None:
        print_changes(done)
        print_rules(done)
    else:
        print_summary(done.report, output)
        print_rules(done)
