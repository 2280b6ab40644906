"""`vesalius run`: from the predictions of several models to one label map; a case or a cohort."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.adapters.cases.fail_on import FAIL_ON, FAIL_ON_HELP, fails
from vesalius.adapters.cli.case_options import (
    check_place,
    name_schemes,
    place_options,
    sex_option,
    show_notes,
    show_warnings,
    split_prediction,
    target_option,
)
from vesalius.adapters.cli.common_options import format_option, given_options, workers_option
from vesalius.adapters.cli.outcome import FINDINGS, Ended, show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.rule_choice import rule_options
from vesalius.adapters.cli.summary import (
    print_changes,
    print_lost_briefly,
    print_rules,
    print_summary,
)
from vesalius.adapters.files.nifti_names import is_nifti_name
from vesalius.engine.plan.plan import POLICIES
from vesalius.one_case import open_session
from vesalius.ontology.reading.side_files import YAML_ENDINGS

if TYPE_CHECKING:
    from vesalius.adapters.cohort.shard import Shard

ONE_CASE = (
    "predictions", "image", "target", "sex", "rules", "select", "unsafe", "trace", "diff",
    "resample", "trust_image_geometry", "merging", "prefer",
)  # fmt: skip
"""Options whose place in a cohort is its YAML, by their parameters."""
MANY_CASES = ("workers", "keep_going", "force", "dry_run", "shard", "emit", "shards")
"""Options that need a cohort."""


def _shard(context: click.Context, option: click.Parameter, text: str | None) -> Shard | None:
    if text is None:
        return None
    from vesalius.adapters.cohort.shard import parse_shard  # noqa: PLC0415

    try:
        return parse_shard(text)
    except ValueError as failed:
        raise click.BadParameter(str(failed)) from None


@click.command(name="run")
@click.argument("cohort", required=False, metavar="[COHORT.yaml]", type=click.Path(path_type=Path))
@click.option(
    "--prediction", "-p", "predictions", multiple=True, metavar="SCHEME=PATH",
    help="A multi-label file, or a folder with one mask per class. May be given several times."
    " SCHEME may be `auto`: the one that fits clearly best.",
)  # fmt: skip
@click.option(
    "--image", "-i", type=click.Path(readable=False, path_type=Path),
    help="The CT; the output has its grid.",
)  # fmt: skip
@target_option
@sex_option
@rule_options()
@click.option("--unsafe", is_flag=True, help="Make unsafe repairs too.")
@click.option("--diff", is_flag=True, help="Show what the rules would change; write nothing.")
@click.option("--trace", is_flag=True, help="Note which rule wrote each voxel (trace.nii.gz).")
@place_options
@click.option(
    "--merge", "merging", type=click.Choice(POLICIES), default="union", show_default=True,
    help="Of a structure that several sources can tell: what any of them says, what most of them"
    " say, or what the first of --prefer says.",
)  # fmt: skip
@click.option(
    "--prefer", multiple=True, metavar="SOURCE",
    help="For --merge priority: the best source; given again, the next.",
)  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the results.",
)  # fmt: skip
@format_option()
@click.option(
    "--html", is_flag=True,
    help="Write pages for a person too, into html/ of the output folder (as `vesalius report`).",
)  # fmt: skip
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="error", show_default=True,
    help=FAIL_ON_HELP + " All is written all the same.",
)  # fmt: skip
@workers_option("Cohort: cases at a time.")
@click.option("--keep-going", is_flag=True, help="Cohort: run although cases are incomplete.")
@click.option("--force", is_flag=True, help="Cohort: run cases again that were done before.")
@click.option("--dry-run", is_flag=True, help="Cohort: look for every file, run nothing.")
@click.option(
    "--shard", metavar="3/200", callback=_shard,
    help="Cohort: run one part of so many, by digest of the case's name; parts may share -o."
    " `vesalius cohort merge` makes one record of them.",
)  # fmt: skip
@click.option(
    "--emit", type=click.Choice(["snakemake"]),
    help="Cohort: write a workflow of shards, with a Slurm profile, into -o; run nothing.",
)  # fmt: skip
@click.option(
    "--shards", type=click.IntRange(min=1), metavar="N",
    help="With --emit: of how many shards; by default of half an hour each.",
)  # fmt: skip
@click.pass_context
def command(
    context: click.Context,
    cohort: Path | None,
    predictions: tuple[str, ...],
    image: Path | None,
    target: str,
    sex: str,
    rules: tuple[str, ...],
    select: tuple[str, ...],
    unsafe: bool,
    diff: bool,
    trace: bool,
    resample: bool,
    trust_image_geometry: bool,
    merging: str,
    prefer: tuple[str, ...],
    output: Path | None,
    form: str,
    html: bool,
    fail_on: str,
    workers: int,
    keep_going: bool,
    force: bool,
    dry_run: bool,
    shard: Shard | None,
    emit: str | None,
    shards: int | None,
) -> None:
    """Merge the predictions of one case, or of each case of a cohort, and repair the result.

    Writes labels.nii.gz, report.json and label tables for ITK-SNAP (labels.txt) and 3D Slicer
    (labels.ctbl) into the output folder, all or none. Findings that remain in the result give
    exit code 1, as --fail-on says.

    With COHORT.yaml every case of the file is run; cohort.json and cohort.csv say what became of
    each.
    Cases that were done before, by digests of plan, inputs and outputs, are not run again.
    """
    _check_options(context, cohort)
    if html and (diff or dry_run or shard is not None or emit is not None):
        text = "--html needs a whole result: not with --diff, --dry-run, --shard, --emit"
        raise click.UsageError(text)
    if html:
        from vesalius.adapters.report.fill import require_packages  # noqa: PLC0415

        require_packages()
    if output is None and not diff:
        raise click.UsageError("give an output folder with -o, or --diff to write nothing")
    if output is not None and is_nifti_name(output.name) and not output.is_dir():
        raise click.UsageError(
            f"-o is a folder, into which labels.nii.gz and the report are written; `{output}` is "
            "called as a file"
        )
    if cohort is not None and output is not None:
        from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort  # noqa: PLC0415

        options = CohortOptions(
            output,
            workers,
            keep_going,
            force,
            dry_run,
            form == "json",
            fail_on,
            shard,
            emit,
            shards,
            html,
        )
        run_cohort(cohort, options, project=current_project())
        return
    check_place(image, resample, trust_image_geometry)
    project = current_project()
    pairs = name_schemes([split_prediction(prediction) for prediction in predictions], project)
    session, given = open_session(
        pairs, target, rules=rules, project=project, select=select, unsafe=unsafe, trace=trace,
        merge=merging, prefer=prefer,
    )  # fmt: skip
    show_warnings(session)
    with working("merging"):
        done = session.merge(given, image, {"sex": sex}, resample=resample,
                             trust_image_geometry=trust_image_geometry)  # fmt: skip
        if output is not None and not diff:
            done.save_folder(output)
    show(done.remarks)
    if html and output is not None:
        from vesalius.adapters.cli.add_pages import add_pages  # noqa: PLC0415

        add_pages(output, project)
    if form == "json":
        click.echo(json.dumps(done.report, indent=2))
    elif diff or output is None:
        print_changes(done)
        print_rules(done, moves=False)
    else:
        print_summary(done.report, output)
        print_lost_briefly(done.report)
        print_rules(done)
    show_notes(session, [scheme for scheme, _ in pairs], target, rules, select)
    if fails(fail_on, done.summary.findings, bool(done.excluded_by)):
        raise Ended(FINDINGS)


def _check_options(context: click.Context, cohort: Path | None) -> None:
    """Refuse options that would be passed over."""
    if cohort is None:
        if not given_options(context, "predictions"):
            raise click.UsageError("nothing to run: give --prediction SCHEME=PATH or a COHORT.yaml")
        foreign = given_options(context, *MANY_CASES)
        if foreign:
            raise click.UsageError(f"{', '.join(foreign)} needs a COHORT.yaml")
        return
    if cohort.suffix not in YAML_ENDINGS:
        raise click.UsageError(
            f"`{cohort}` is no cohort file (.yaml); a prediction is given as "
            f"--prediction SCHEME={cohort}"
        )
    if len(given_options(context, "emit", "shard", "dry_run")) > 1:
        raise click.UsageError("choose one of --dry-run, --shard and --emit")
    if given_options(context, "shards") and not given_options(context, "emit"):
        raise click.UsageError("--shards is for --emit; one of them is run with --shard 1/N")
    foreign = given_options(context, *ONE_CASE)
    if foreign:
        raise click.UsageError(f"{', '.join(foreign)}: for a cohort this stands in its YAML")
