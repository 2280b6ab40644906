"""`vesalius demo`: the main job on the built-in phantom, with a known answer."""

from __future__ import annotations

from pathlib import Path

import click

from vesalius.adapters.cli.common_options import given_options, workers_option
from vesalius.adapters.cli.outcome import FINDINGS, Ended
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.summary import print_summary
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.phantom.demo import Demo, DemoSettings, run_demo
from vesalius.adapters.phantom.picture import draw_picture, have_matplotlib
from vesalius.ontology.load import load_ontology

PICTURE = "demo.png"


@click.command(name="demo")
@click.argument("what", type=click.Choice(["case", "cohort"]), default="case")
@click.option(
    "--output", "-o", show_default="demo-out, or demo-cohort",
    type=click.Path(file_okay=False, path_type=Path), help="Folder of all that is made.",
)  # fmt: skip
@click.option("--spacing", "spacing_mm", type=click.FloatRange(1.0, 6.0), default=3.0,
    show_default=True, help="Case: voxel size in mm.")  # fmt: skip
@click.option("--sex", type=click.Choice(["male", "female"]), default="female", show_default=True,
    help="Case: sex of the phantom.")  # fmt: skip
@workers_option("Cohort: cases at a time.", default=2)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
    help="Makes the same again.")  # fmt: skip
@click.pass_context
def command(
    context: click.Context,
    what: str,
    output: Path | None,
    spacing_mm: float,
    sex: str,
    workers: int,
    seed: int,
) -> None:
    """Make the phantom, merge the predictions of thirteen sources, compare with the truth.

    The phantom, the predictions and the result stay in the output folder, to be opened with any
    viewer or used as an example.

    `vesalius demo cohort` makes forty small phantoms with planted effects (a volume that rises and
    falls with age, a dataset that differs, lesions by diagnosis, a mirrored case, a bad site), runs
    them as a cohort, describes it as a population, and says whether each effect is found again.
    """
    if what == "cohort":
        from vesalius.adapters.cli.demo_cohort import demo_cohort  # noqa: PLC0415

        _refuse_given(context, what, "spacing_mm", "sex")
        demo_cohort(output or Path("demo-cohort"), workers, seed)
        return
    _refuse_given(context, what, "workers")
    output = output or Path("demo-out")
    ontology = load_ontology()
    with working("making the phantom and merging"):
        demo = run_demo(DemoSettings(spacing_mm, sex, seed), output, ontology)
    print_summary(demo.run.report, output)
    _print_comparison(demo)
    if have_matplotlib():
        picture = draw_picture(demo.phantom.ct, demo.merged, demo.phantom.grid, demo.run.rows)
        with Outputs() as outputs:
            outputs.write_bytes(output / PICTURE, picture)
        click.echo(f"picture: {output / PICTURE}")
    else:
        click.echo("no picture: it needs matplotlib (`pip install matplotlib`)")
    if demo.wrong_voxels:
        raise Ended(FINDINGS)


def _refuse_given(context: click.Context, what: str, *foreign: str) -> None:
    """Refuse options that would be passed over."""
    given = given_options(context, *foreign)
    if given:
        raise click.UsageError(f"{', '.join(given)} is not for `demo {what}`")


def _print_comparison(demo: Demo) -> None:
    body = int((demo.truth > 0).sum())
    click.echo(
        f"truth: some source covers {int(demo.covered.sum()):,} of {body:,} voxels of the body; "
        f"{demo.wrong_voxels:,} differ from the truth"
    )
