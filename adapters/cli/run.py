"""`vesalius run`: one case, from the predictions of several models to one label map."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vesalius.adapters.cases.run_case import label_rows, run_case, write_case
from vesalius.adapters.cli.case_options import SEXES, prepare, split_prediction
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.summary import print_summary


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
@click.option("--rules", type=click.Choice(["none"]), default="none", show_default=True)
@click.option("--resample", is_flag=True, help="Allow nearest-neighbour resampling to the CT.")
@click.option("--output", "-o", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
def command(
    predictions: tuple[str, ...],
    image: Path | None,
    target: str,
    sex: str,
    rules: str,
    resample: bool,
    output: Path,
    form: str,
) -> None:
    """Merge the predictions of one case into one label map.

    Writes labels.nii.gz, report.json and label tables for ITK-SNAP (labels.txt) and 3D Slicer
    (labels.ctbl) into the output folder, all or none.
    """
    job = prepare([split_prediction(p) for p in predictions], target, image, sex, resample)
    with working("merging"):
        done = run_case(job.files, job.compiled, job.schemes)
        write_case(done, output, label_rows(job.target, job.ontology), job.inputs)
    show((*job.compiled.diagnostics, *done.case.diagnostics))
    if form == "json":
        click.echo(json.dumps(done.report, indent=2))
    else:
        print_summary(done.report, output)
