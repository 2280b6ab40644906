"""`vesalius new`: a first version of a YAML file."""

from __future__ import annotations

from pathlib import Path

import click

from vesalius.ontology.draft import draft_scheme
from vesalius.ontology.label_tables import classes_from_file
from vesalius.ontology.ontology import load_ontology
from vesalius.rules.scaffold import draft_rule, scaffold_kinds


@click.group(name="new")
def command() -> None:
    """Write a first version of a YAML file, to be checked by a person."""


@command.command(name="scheme")
@click.option(
    "--from", "source", required=True, metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An nnU-Net dataset.json (v1 or v2), an ITK-SNAP label table, a CSV or TSV.",
)  # fmt: skip
@click.option("--name", help="Name of the scheme; by default that of the output file.")
@click.option("--title", help="Title of the dataset.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="YAML file to write; by default it goes to stdout.",
)  # fmt: skip
def new_scheme(source: Path, name: str | None, title: str | None, output: Path | None) -> None:
    """Match the class names of a dataset to structures and write a scheme.

    Every guess is marked with its score; what could not be matched is listed and must be decided
    before the scheme passes `vesalius lint`.
    """
    chosen = name or (output.stem if output else source.resolve().parent.name.lower())
    classes = classes_from_file(source)
    draft = draft_scheme(
        classes.names, load_ontology(), chosen, title or chosen, classes.remainders
    )
    _put(draft.text, output)
    if output is not None:
        click.echo(f"check it with `vesalius lint {output}`", err=True)
    click.echo(
        f"{len(draft.guessed)} guessed, {len(draft.unmatched)} not matched"
        + (f": {', '.join(str(u) for u in draft.unmatched)}" if draft.unmatched else ""),
        err=True,
    )


@command.command(name="rule")
@click.argument("rule_id", metavar="PHASE/NAME")
@click.option(
    "--for", "structure", required=True, metavar="STRUCTURE", help="What the rule judges."
)
@click.option(
    "--kind", type=click.Choice(scaffold_kinds()), default="pieces", show_default=True,
    help="What it expects: absent, few pieces, its own side, a size.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="YAML file to write; by default it goes to stdout.",
)  # fmt: skip
def new_rule(rule_id: str, structure: str, kind: str, output: Path | None) -> None:
    """Write a pack with one rule and its tests, which pass `vesalius test` as they are."""
    text = draft_rule(kind, rule_id, structure, load_ontology())
    _put(text, output)
    where = output or "FILE"
    click.echo(f"change it, and see `vesalius lint {where}` and `vesalius test {where}`", err=True)


def _put(text: str, output: Path | None) -> None:
    """Write a text to a file that does not exist yet, or to stdout."""
    from vesalius.adapters.files.atomic import write_text  # noqa: PLC0415

    if output is None:
        click.echo(text, nl=False)
        return
    if output.exists():
        raise click.UsageError(f"{output} exists already; nothing was written")
    write_text(output, text)
    click.echo(f"wrote {output}", err=True)
