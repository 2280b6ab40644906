"""Pages and rows of text about anchors: what they are fitted from, and who uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vesalius.adapters.cli.known_rules import KnownRules, known_rules, rule_lines
from vesalius.adapters.cli.terminal import beside, wrapped
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_scheme, scheme_paths
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.listing import listing
from vesalius.rules.places import AnchorSpec, RegionSpec
from vesalius.rules.places.describe import (
    fitted_from,
    how_fitted,
    implausible,
    kind_of,
    left_out,
)
from vesalius.rules.places.specs import MIDLINE
from vesalius.rules.uses import anchors_of_scheme

FEW: Final = 3
"""So many structures a row names."""


def anchor_rows(
    ontology: Ontology, anchors: Mapping[str, AnchorSpec], whole: bool
) -> list[dict[str, str]]:
    """Give a row per anchor.

    Parameters
    ----------
    ontology : Ontology
        Its project may have packs and schemes.
    anchors : Mapping of str to AnchorSpec
        All of them.
    whole : bool
        Whether all structures are named that an anchor is fitted from, or only the first.
    """
    known = known_rules(ontology, anchors)
    schemes = _schemes(ontology)
    return [
        {
            "name": name,
            "kind": kind_of(spec),
            "fitted from": _listed(fitted_from(spec), whole),
            "needs at least": _needs(spec),
            "used by": _counted(name, known, schemes),
            "about": spec.about,
        }
        for name, spec in anchors.items()
    ]


def anchor_page(
    name: str, ontology: Ontology, anchors: Mapping[str, AnchorSpec], width: int | None = None
) -> str:
    """Write everything known about an anchor, and who uses it.

    Parameters
    ----------
    name : str
        One of the anchors.
    ontology : Ontology
        Its project may have packs and schemes.
    anchors : Mapping of str to AnchorSpec
        All of them.
    width : int or None
        Columns of a line; None for one line each.

    Returns
    -------
    str
        Plain text for a terminal.
    """
    spec = anchors[name]
    structures = fitted_from(spec)
    region = isinstance(spec, RegionSpec)
    facts = [
        ("kind", kind_of(spec)),
        ("about", spec.about),
        ("where" if region else "fitted", how_fitted(spec)),
        ("relations" if region else "from", ", ".join(structures)),
        (
            "needs at least",
            _needs(spec) and f"{_needs(spec)} of {plural(len(structures), 'structure')}",
        ),
        ("implausible", implausible(spec)),
        ("leaves out", left_out(spec)),
    ]
    if spec.span is not None:
        facts.append(("written in", f"{spec.span.path}:{spec.span.line}"))
    lines = [f"{name}   (an anchor)"]
    for key, value in facts:
        lines += beside(f"  {key:<15} ", value, width) if value else []
    known = known_rules(ontology, anchors)
    return "\n".join([*lines, "", *_users(name, ontology, anchors, known, width)])


def _users(
    name: str,
    ontology: Ontology,
    anchors: Mapping[str, AnchorSpec],
    known: KnownRules,
    width: int | None,
) -> list[str]:
    lines: list[str] = []
    for each in known.packs:
        rules = [(u.rule.id, u.rule.summary) for u in each.rules if name in u.anchors]
        if rules:
            lines += [f"  {each.pack.name}", *rule_lines(rules, width)]
    lines = ["rules that use it:", *(lines or ["  none"]), *known.unread_lines(width)]
    regions = [
        other
        for other, spec in anchors.items()
        if isinstance(spec, RegionSpec)
        and any(said.split()[-1] == name for said in fitted_from(spec))
    ]
    if regions:
        lines += ["", "regions that use it:", *wrapped(", ".join(regions), width, 2)]
    schemes = [scheme for scheme, used in _schemes(ontology).items() if name in used]
    if schemes:
        lines += ["", "schemes whose classes it divides:", *wrapped(", ".join(schemes), width, 2)]
    if name == MIDLINE:
        said = (
            "It also divides what a source does not part into left and right, and the target does."
        )
        lines += ["", *wrapped(said, width)]
    return lines


def _schemes(ontology: Ontology) -> dict[str, frozenset[str]]:
    """Give the anchors of each scheme; of one that cannot be read, none."""
    found: dict[str, frozenset[str]] = {}
    for name in sorted(scheme_paths(ontology.project)):
        try:
            found[name] = anchors_of_scheme(load_scheme(name, ontology))
        except DiagnosticError:
            found[name] = frozenset()
    return found


def _needs(spec: AnchorSpec) -> str:
    return "" if isinstance(spec, RegionSpec) else str(spec.at_least)


def _listed(names: Sequence[str], whole: bool) -> str:
    if whole or len(names) <= FEW + 1:
        return ", ".join(names)
    return listing(names, FEW)


def _counted(name: str, known: KnownRules, schemes: Mapping[str, frozenset[str]]) -> str:
    rules = sum(name in uses.anchors for each in known.packs for uses in each.rules)
    divided = sum(name in used for used in schemes.values())
    said = [plural(rules, "rule")] if rules else []
    return ", ".join([*said, *([plural(divided, "scheme")] if divided else [])])
