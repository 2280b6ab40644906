"""`vesalius cohort release`: what is given away of a cohort."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.reading.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from vesalius.adapters.release.release_folder import Images

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(name="release", short_help="A folder to give away: what is good of it.")
@click.argument("output", metavar="OUT", type=_FOLDER)
@click.option(
    "--output", "-o", "folder", required=True, metavar="FOLDER", type=_FOLDER,
    help="The release; an older one is replaced as a whole.",
)  # fmt: skip
@click.option(
    "--images", type=click.Choice(["none", "link", "copy"]), default="none", show_default=True,
    help="Whether the CTs come along.",
)  # fmt: skip
@click.option(
    "--review", is_flag=True,
    help="Cases in which errors remain, or that a reader wants repaired, come along, too.",
)  # fmt: skip
@click.option(
    "--target", "-t", metavar="SCHEME",
    help="Scheme of the label maps, where it is not known by name: its file.",
)  # fmt: skip
@format_option()
def command(
    output: Path, folder: Path, images: Images, review: bool, target: str | None, form: str
) -> None:
    """Make a folder to give away of a cohort that was run.

    OUT is what `vesalius run cohort.yaml -o OUT` wrote. Cases come along whose verdict is `keep`,
    and that no reader of `vesalius sample` wants repaired or discarded: label maps, reports, tables
    of the integers with their names, colours and codes, and where everything came from, with a
    digest of every file. There is no path of this machine in it.
    """
    # Whoever asks how far shards are does not wait for these.
    from vesalius.adapters.keeping.known import known_ontology, known_scheme  # noqa: PLC0415
    from vesalius.adapters.measures.cohort_output import written_cohort  # noqa: PLC0415
    from vesalius.adapters.release.cohort_release import prepare_cohort_release  # noqa: PLC0415
    from vesalius.adapters.release.release_folder import (  # noqa: PLC0415
        check_release_folder,
        write_release,
    )

    record = written_cohort(output, "REL004")
    if problems := check_release_folder(folder):
        raise DiagnosticError(problems)
    project = current_project()
    ontology = known_ontology(project)
    scheme = known_scheme(target or record["target"], project)
    job = prepare_cohort_release(
        output, record, folder, scheme, ontology, images=images, review=review
    )
    released = write_release(job)
    if form == "json":
        values = {"cases": released.cases, "left_out": list(released.left_out)}
        click.echo(json.dumps(values, indent=2))
        return
    click.echo(f"{folder}: {plural(released.cases, 'case')} of `{job.name}`")
    for why, number in Counter(_why(row) for row in released.left_out).items():
        click.echo(f"  {plural(number, 'case')} left out: {why}")


def _why(row: Mapping[str, str]) -> str:
    words = f"verdict {row['verdict']}" if "verdict" in row else row["status"]
    return f"{words}, a reader says {row['readers']}" if "readers" in row else words
