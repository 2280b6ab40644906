"""`vesalius nnunet export`: a checked dataset for nnU-Net from a scheme."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.files.io_diagnostics import plural


@click.command(name="export", short_help="Write a checked dataset from a scheme.")
@click.option(
    "--scheme", "-s", required=True, metavar="SCHEME", help="Numbering of the label maps."
)
@click.option("--images", required=True, metavar="TEMPLATE", help="Such as ct/{case}_0000.nii.gz.")
@click.option("--labels", required=True, metavar="TEMPLATE", help="Such as labels/{case}.nii.gz.")
@click.option("--dataset-id", required=True, type=int, help="nnU-Net's number, 1 to 999.")
@click.option("--name", metavar="NAME", help="Name of the dataset; the scheme's by default.")
@click.option(
    "--output", "-o", type=click.Path(file_okay=False, path_type=Path),
    help="nnU-Net's raw folder; else $nnUNet_raw.",
)  # fmt: skip
@click.option(
    "--link", type=click.Choice(["hard", "copy"]), default="hard", show_default=True,
    help="How files that go over unchanged come into the dataset.",
)  # fmt: skip
@click.option(
    "--reader", type=click.Choice(["NibabelIOWithReorient", "NibabelIO", "SimpleITKIO"]),
    default="NibabelIOWithReorient", show_default=True,
    help="How nnU-Net reads images; the default turns every image to RAS.",
)  # fmt: skip
@click.option("--channel", default="CT", show_default=True, help="Decides the normalisation.")
@click.option(
    "--regions", is_flag=True,
    help="Let a class cover those inside it too, as overlapping regions that nnU-Net learns.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a dataset of the same name.")
@format_option()
def command(
    scheme: str,
    images: str,
    labels: str,
    dataset_id: int,
    name: str | None,
    output: Path | None,
    link: str,
    reader: str,
    channel: str,
    regions: bool,
    overwrite: bool,
    form: str,
) -> None:
    """Write a dataset that nnU-Net can train on, checked before anything is written.

    Ids are consecutive, as nnU-Net wants them; vesalius_labels.json beside the dataset says which
    integer of the scheme each of them is. Needs no nnU-Net.
    """
    from vesalius.adapters.nnunet.export import ExportJob, export_dataset  # noqa: PLC0415
    from vesalius.adapters.nnunet.installation import folder  # noqa: PLC0415
    from vesalius.ontology.load import load_ontology, load_scheme  # noqa: PLC0415

    ontology = load_ontology(current_project())
    loaded = load_scheme(scheme, ontology)
    job = ExportJob(
        scheme=loaded,
        images=images,
        labels=labels,
        raw=folder("raw", output, option="-o"),
        dataset_id=dataset_id,
        name=name or loaded.name,
        link="copy" if link == "copy" else "hard",
        reader=reader,
        channel=channel,
        overwrite=overwrite,
        regions=regions,
    )
    with working("checking and writing"):
        done = export_dataset(job, ontology)
    show(done.diagnostics)
    if form == "json":
        report = {
            "folder": str(done.folder),
            "cases": done.cases,
            "written": done.written,
            "rewritten": done.rewritten,
            "labels": done.ids.to_json(),
        }
        click.echo(json.dumps(report, indent=2))
        return
    what = "written" if done.written else "there already"
    click.echo(
        f"{done.folder}: {plural(done.cases, 'case')}, {len(done.ids.labels)} classes, {what}"
        + (f" ({plural(done.rewritten, 'label file')} renumbered)" if done.rewritten else "")
    )
