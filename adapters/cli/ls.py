"""`vesalius ls`: what is known or selected."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from vesalius.adapters.cli.tables import print_table
from vesalius.ontology.library import load_scheme, scheme_paths
from vesalius.ontology.ontology import Ontology, load_ontology
from vesalius.ontology.selectors import parse_selector_text

SHOWN_ATTRIBUTES = ("level", "system", "side", "sex", "region", "components")


@click.command(name="ls")
@click.argument("what", type=click.Choice(["structures", "schemes", "attributes", "sequences"]))
@click.option("--select", "selector", metavar="SELECTOR", help="Such as 'side:left,region:thorax'.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "names"]), default="table",
    show_default=True,
)  # fmt: skip
def command(what: str, selector: str | None, form: str) -> None:
    """List structures, schemes, attributes or sequences."""
    ontology = load_ontology()
    if selector is not None and what != "structures":
        raise click.UsageError("--select works with `structures`")
    rows = {
        "structures": lambda: _structures(ontology, selector),
        "schemes": lambda: _schemes(ontology),
        "attributes": lambda: _attributes(ontology),
        "sequences": lambda: _sequences(ontology),
    }[what]()
    if form == "json":
        click.echo(json.dumps(rows, indent=2))
    elif form == "names":
        for row in rows:
            click.echo(row["name"])
    else:
        print_table(rows)
        click.echo(f"{len(rows)} {what}", err=True)


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _structures(ontology: Ontology, selector: str | None) -> Sequence[dict[str, str]]:
    if selector is None:
        names: Sequence[str] = [s.name for s in ontology.structures.values() if not s.abstract]
    else:
        names = ontology.select(parse_selector_text(selector, ontology))
    shown = [a for a in SHOWN_ATTRIBUTES if a in ontology.attributes]
    return [{"name": name, **{a: _text(ontology.get(name, a)) for a in shown}} for name in names]


def _schemes(ontology: Ontology) -> Sequence[dict[str, str]]:
    rows = []
    for name in sorted(scheme_paths()):
        scheme = load_scheme(name, ontology)
        rows.append(
            {
                "name": name,
                "classes": str(len(scheme.entries)),
                "title": scheme.title,
                "evidence": scheme.evidence,
            }
        )
    return rows


def _attributes(ontology: Ontology) -> Sequence[dict[str, str]]:
    return [
        {
            "name": name,
            "type": attribute.kind,
            "inherited along": ", ".join(attribute.inherited_along),
            "about": attribute.about,
        }
        for name, attribute in ontology.attributes.items()
    ]


def _sequences(ontology: Ontology) -> Sequence[dict[str, str]]:
    return [
        {"name": name, "members": ", ".join(sequence.members)}
        for name, sequence in ontology.sequences.items()
    ]
