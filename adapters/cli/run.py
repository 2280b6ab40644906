"""`vesalius run`: from the predictions of several models to one label map; a case or a cohort."""

from __future__ import annotations

import json
from pathlib import Path

import click
from click.core import ParameterSource

from vesalius.adapters.cases.run_case import label_rows, run_case, write_case
from vesalius.adapters.cli.case_options import SEXES, prepare, split_prediction
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.plan_notes import show_plan_notes
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.rule_choice import RuleChoice, rule_options
from vesalius.adapters.cli.summary import (
    print_changes,
    print_lost_briefly,
    print_rules,
    print_summary,
)

ONE_CASE = {
    "predictions": "--prediction", "image": "--image", "target": "--target", "sex": "--sex",
    "rules": "--rules", "select": "--select", "unsafe": "--unsafe", "trace": "--trace",
    "diff": "--diff", "resample": "--resample",
}  # fmt: skip
"""Options whose place in a cohort is its YAML."""
MANY_CASES = {
    "workers": "--workers", "keep_going": "--keep-going", "force": "--force",
    "dry_run": "--dry-run",
}  # fmt: skip
"""Options that need a cohort."""


@click.command(name="run")
@click.argument("cohort", required=False, metavar="[COHORT.yaml]", type=click.Path(path_type=Path))
@click.option(
    "--prediction", "-p", "predictions", multiple=True, metavar="SCHEME=PATH",
    help="A multi-label file, or a folder with one mask per class. May be given several times.",
)  # fmt: skip
@click.option(
    "--image", "-i", type=click.Path(readable=False, path_type=Path),
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
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True,
    help="Cohort: cases at a time.",
)  # fmt: skip
@click.option("--keep-going", is_flag=True, help="Cohort: run although cases are incomplete.")
@click.option("--force", is_flag=True, help="Cohort: run cases again that were done before.")
@click.option("--dry-run", is_flag=True, help="Cohort: look for every file, run nothing.")
@click.pass_context
def command(
    context: click.Context,
    cohort: Path | None,
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
    workers: int,
    keep_going: bool,
    force: bool,
    dry_run: bool,
) -> None:
    """Merge the predictions of one case, or of each case of a cohort, and repair the result.

    Writes labels.nii.gz, report.json and label tables for ITK-SNAP (labels.txt) and 3D Slicer
    (labels.ctbl) into the output folder, all or none.

    With COHORT.yaml every case of the file is run, and cohort.json says what became of each.
    Cases that were done before, by digests of plan, inputs and outputs, are not run again.
    """
    _check_options(context, cohort)
    if output is None and not diff:
        raise click.UsageError("give an output folder with -o, or --diff to write nothing")
    if cohort is not None and output is not None:
        from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort  # noqa: PLC0415

        options = CohortOptions(output, workers, keep_going, force, dry_run, form == "json")
        run_cohort(cohort, options)
        return
    choice = RuleChoice(rules, select, unsafe=unsafe, trace=trace)
    job = prepare([split_prediction(p) for p in predictions], target, image, sex, resample, choice)
    with working("merging"):
        done = run_case(job.files, job.compiled, job.schemes, choice.options())
        if output is not None and not diff:
            write_case(done, output, label_rows(job.target, job.ontology), job.inputs)
    show_plan_notes(job.compiled.diagnostics, job.compile_command)
    show(done.case.diagnostics)
    if form == "json":
        click.echo(json.dumps(done.report, indent=2))
    elif diff or output is None:
        print_changes(done)
        print_rules(done, moves=False)
    else:
        print_summary(done.report, output)
        print_lost_briefly(done.report)
        print_rules(done)


def _check_options(context: click.Context, cohort: Path | None) -> None:
    """Refuse options that would be passed over."""
    given = {
        name
        for name in context.params
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE
    }
    if cohort is None:
        if "predictions" not in given:
            raise click.UsageError("nothing to run: give --prediction SCHEME=PATH or a COHORT.yaml")
        foreign = [option for name, option in MANY_CASES.items() if name in given]
        if foreign:
            raise click.UsageError(f"{', '.join(foreign)} needs a COHORT.yaml")
        return
    if cohort.suffix not in (".yaml", ".yml"):
        raise click.UsageError(
            f"`{cohort}` is no cohort file (.yaml); a prediction is given as "
            f"--prediction SCHEME={cohort}"
        )
    foreign = [option for name, option in ONE_CASE.items() if name in given]
    if foreign:
        raise click.UsageError(f"{', '.join(foreign)}: for a cohort this stands in its YAML")
