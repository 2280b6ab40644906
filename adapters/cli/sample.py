"""`vesalius sample`: cases for readers, and what they decided."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import plural


@click.command(name="sample")
@click.argument("folder", metavar="FOLDER", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--n", "-n", "number", type=click.IntRange(min=1), default=25, show_default=True,
    help="How many cases are drawn.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the same cases again.")
@click.option(
    "--stratify", metavar="COLUMN,...", default="",
    help="Draw from each group by its share, such as `sex,verdict`.",
)  # fmt: skip
@click.option(
    "--filled", multiple=True, metavar="FORM.csv",
    type=click.Path(readable=False, path_type=Path),
    help="Read filled forms instead: decisions, and the agreement of readers (Cohen's kappa).",
)  # fmt: skip
@format_option()
def command(
    folder: Path, number: int, seed: int, stratify: str, filled: tuple[Path, ...], form: str
) -> None:
    """Draw cases of a cohort for readers, or read what they decided.

    FOLDER is what `vesalius run cohort.yaml -o FOLDER` wrote. The form is a page that works from
    the disk, and a CSV file: keep, repair or discard a case, with remarks per structure. A filled
    form goes back with --filled, one for each reader.
    """
    # Whoever asks how the verb is used does not wait for these.
    from vesalius.adapters.keeping.known import known_ontology  # noqa: PLC0415
    from vesalius.adapters.measures.review import (  # noqa: PLC0415
        FORM,
        PAGE,
        RECORD,
        agreements,
        read_filled,
        write_form,
        write_review,
    )
    from vesalius.adapters.measures.sampling import draw, written_cases  # noqa: PLC0415

    ontology = known_ontology(current_project())
    if filled:
        rows = read_filled(folder, filled, ontology)
        found = agreements(rows)
        write_review(folder, rows, found)
        if form == "json":
            click.echo(json.dumps([asdict(each) for each in found], indent=2))
            return
        print_table(
            [
                {
                    "readers": " and ".join(each.readers),
                    "cases": str(each.cases),
                    "the same": str(each.agreeing),
                    "kappa": "-" if each.kappa is None else f"{each.kappa:.3f}",
                }
                for each in found
            ],
            right=("cases", "the same", "kappa"),
        )
        click.echo(f"{plural(len(rows), 'decision')} in {folder}: review.csv, {RECORD}")
        return
    cases = written_cases(folder)
    columns = [column.strip() for column in stratify.split(",") if column.strip()]
    drawn = draw(cases, number, seed, columns)
    write_form(folder, drawn, seed, ontology)
    if form == "json":
        click.echo(json.dumps([each.name for each in drawn], indent=2))
        return
    for each in drawn:
        click.echo(each.name)
    click.echo(f"{len(drawn)} of {plural(len(cases), 'case')}; {folder}: {PAGE}, {FORM}")
