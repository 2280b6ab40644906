"""`vesalius ls`: what is known or selected."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.library import load_scheme, scheme_paths
from vesalius.ontology.ontology import Ontology, load_ontology
from vesalius.ontology.selectors import parse_selector_text
from vesalius.rules.anchors import load_anchors
from vesalius.rules.rule_library import load_pack, pack_paths

SHOWN_ATTRIBUTES = ("level", "system", "side", "sex", "region", "components")


WHAT = ("structures", "schemes", "rules", "attributes", "sequences")


@click.command(name="ls")
@click.argument("what", type=click.Choice(WHAT))
@click.option("--select", "selector", metavar="SELECTOR", help="Such as 'side:left,region:thorax'.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "names"]), default="table",
    show_default=True,
)  # fmt: skip
@click.option("--pack", metavar="PACK", help="For `rules`: only this pack.")
def command(what: str, selector: str | None, form: str, pack: str | None) -> None:
    """List structures, schemes, rules, attributes or sequences."""
    ontology = load_ontology()
    if selector is not None and what != "structures":
        raise click.UsageError("--select works with `structures`")
    rows = {
        "structures": lambda: _structures(ontology, selector),
        "schemes": lambda: _schemes(ontology),
        "rules": lambda: _rules(ontology, pack),
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
        click.echo(plural(len(rows), what.removesuffix("s")), err=True)


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


def _rules(ontology: Ontology, pack: str | None) -> Sequence[dict[str, str]]:
    anchors = load_anchors(ontology)
    return [
        {
            "name": rule_id,
            "pack": loaded.name,
            "severity": loaded.rule(rule_id).severity,
            "repairs": ("unsafe" if loaded.rule(rule_id).safety == "unsafe" else "yes")
            if loaded.rule(rule_id).changes
            else "",
            "summary": loaded.rule(rule_id).summary,
        }
        for name in ([pack] if pack else sorted(pack_paths()))
        for loaded in [load_pack(name, ontology, anchors)]
        for rule_id in loaded.order
    ]
