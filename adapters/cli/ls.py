"""`vesalius ls`: what is known or selected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import click

from vesalius.adapters.cli.anchor_page import anchor_rows
from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.known_rules import concrete
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology, load_scheme, scheme_paths
from vesalius.ontology.selector import select
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.places import AnchorSpec, load_anchors
from vesalius.rules.rule import Pack
from vesalius.rules.uses import PARTS, uses_of

SHOWN_ATTRIBUTES = ("level", "system", "side", "sex", "region", "components")


WHAT = ("structures", "schemes", "rules", "anchors", "attributes", "sequences")


@click.command(name="ls")
@click.argument("what", type=click.Choice(WHAT))
@click.option("--select", "selector", metavar="SELECTOR", help="Such as 'side:left,region:thorax'.")
@format_option(["table", "json", "names"])
@click.option("--pack", metavar="PACK", help="For `rules`: only this pack.")
@click.option(
    "--structure", "about", multiple=True, metavar="STRUCTURE",
    help="For `rules`: only those that judge it, compare with it or may move to it; a group stands"
    " for what is below it. May be given several times.",
)  # fmt: skip
def command(
    what: str, selector: str | None, form: str, pack: str | None, about: tuple[str, ...]
) -> None:
    """List structures, schemes, rules, anchors, attributes or sequences."""
    ontology = load_ontology(current_project())
    if selector is not None and what != "structures":
        raise click.UsageError("--select works with `structures`")
    if about and what != "rules":
        raise click.UsageError("--structure works with `rules`")
    rows = {
        "structures": lambda: _structures(ontology, selector),
        "schemes": lambda: _schemes(ontology),
        "rules": lambda: _rules(ontology, pack, about),
        "anchors": lambda: _anchors(ontology, whole=form == "json"),
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
        names = select(selector, ontology)
    shown = [a for a in SHOWN_ATTRIBUTES if a in ontology.attributes]
    return [
        {
            "name": name,
            **{a: _text(ontology.get(name, a)) for a in shown},
            **_origin(ontology, ontology.structures[name].span.path),
        }
        for name in names
    ]


def _origin(ontology: Ontology, path: str) -> dict[str, str]:
    """Say whether something is shipped or the project's; nothing where there is no project."""
    if ontology.project is None:
        return {}
    return {"from": "project" if ontology.project.holds(path) else "shipped"}


def _schemes(ontology: Ontology) -> Sequence[dict[str, str]]:
    rows = []
    for name in sorted(scheme_paths(ontology.project)):
        scheme = load_scheme(name, ontology)
        rows.append(
            {
                "name": name,
                "classes": str(len(scheme.entries)),
                "title": scheme.title,
                "also called": ", ".join(scheme.aliases),
                "evidence": scheme.evidence,
                **_origin(ontology, scheme.path),
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
            **_origin(ontology, attribute.span.path),
        }
        for name, attribute in ontology.attributes.items()
    ]


def _sequences(ontology: Ontology) -> Sequence[dict[str, str]]:
    return [
        {"name": name, "members": ", ".join(sequence.members)}
        for name, sequence in ontology.sequences.items()
    ]


def _anchors(ontology: Ontology, whole: bool) -> Sequence[dict[str, str]]:
    anchors = load_anchors(ontology)
    spans = {name: spec.span.path if spec.span else "" for name, spec in anchors.items()}
    return [
        {**row, **_origin(ontology, spans[row["name"]])}
        for row in anchor_rows(ontology, anchors, whole)
    ]


def _rules(ontology: Ontology, pack: str | None, about: Sequence[str]) -> Sequence[dict[str, str]]:
    wanted = concrete(about, ontology)
    anchors = load_anchors(ontology)
    rows = []
    for name in [pack] if pack else sorted(pack_paths(ontology.project)):
        loaded = load_pack(name, ontology, anchors, tests=False)
        parts = _parts(loaded, ontology, anchors, wanted) if about else {}
        rows += [
            {
                "name": rule_id,
                "pack": loaded.name,
                **({"part": parts[rule_id]} if about else {}),
                "severity": loaded.rule(rule_id).severity,
                "repairs": ("unsafe" if loaded.rule(rule_id).safety == "unsafe" else "yes")
                if loaded.rule(rule_id).changes
                else "",
                "summary": loaded.rule(rule_id).summary,
                **_origin(ontology, loaded.path),
            }
            for rule_id in loaded.order
            if not about or rule_id in parts
        ]
    return rows


def _parts(
    pack: Pack, ontology: Ontology, anchors: Mapping[str, AnchorSpec], wanted: Sequence[str]
) -> dict[str, str]:
    """Say what the wanted structures are to each rule; rules that have no part for them lack."""
    found = {}
    for uses in uses_of(pack, ontology, anchors):
        said = {part for name in wanted for part in uses.parts.get(name, ())}
        if said:
            found[uses.rule.id] = ", ".join(part for part in PARTS if part in said)
    return found
