"""`vesalius demo`: the main job on the built-in phantom, with a known answer."""

from __future__ import annotations

from pathlib import Path

import click

from vesalius.adapters.cases.run_case import label_rows
from vesalius.adapters.cli.outcome import FINDINGS, Ended
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.summary import print_summary
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.phantom.demo import Demo, DemoSettings, run_demo
from vesalius.adapters.phantom.picture import draw_picture, have_matplotlib
from vesalius.ontology.ontology import load_ontology

PICTURE = "demo.png"


@click.command(name="demo")
@click.option("--output", "-o", default="demo-out", show_default=True,
    type=click.Path(file_okay=False, path_type=Path))  # fmt: skip
@click.option("--spacing", "spacing_mm", type=click.FloatRange(1.0, 6.0), default=3.0,
    show_default=True, help="Voxel size in mm.")  # fmt: skip
@click.option("--sex", type=click.Choice(["male", "female"]), default="female", show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def command(output: Path, spacing_mm: float, sex: str, seed: int) -> None:
    """Make the phantom, merge the predictions of thirteen sources, compare with the truth.

    The phantom, the predictions and the result stay in the output folder, to be opened with any
    viewer or used as an example.
    """
    ontology = load_ontology()
    with working("making the phantom and merging"):
        demo = run_demo(DemoSettings(spacing_mm, sex, seed), output, ontology)
    print_summary(demo.run.report, output)
    _print_comparison(demo)
    if have_matplotlib():
        rows = label_rows(demo.target, ontology)
        picture = draw_picture(demo.phantom.ct, demo.merged, demo.phantom.grid, rows)
        with Outputs() as outputs:
            outputs.write_bytes(output / PICTURE, picture)
        click.echo(f"picture: {output / PICTURE}")
    else:
        click.echo("no picture: it needs `pip install 'vesalius[report]'`")
    if demo.wrong_voxels:
        raise Ended(FINDINGS)


def _print_comparison(demo: Demo) -> None:
    body = int((demo.truth > 0).sum())
    click.echo(
        f"truth: some source covers {int(demo.covered.sum()):,} of {body:,} voxels of the body; "
        f"{demo.wrong_voxels:,} differ from the truth"
    )
