"""Pages of text about a structure or a scheme."""

from __future__ import annotations

from collections.abc import Sequence

from vesalius.adapters.cli.terminal import beside
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_scheme, scheme_paths
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.scheme.meaning import structures_of
from vesalius.ontology.scheme.scheme import Scheme, SchemeEntry

FLAT_LIST = 12
NAME = 36
"""Columns for the name of a class or a scheme."""


def structure_page(name: str, ontology: Ontology, width: int | None = None) -> str:
    """Write everything known about a structure: attributes, place in the graph, schemes.

    Parameters
    ----------
    name : str
        A structure of the ontology.
    ontology : Ontology
        The structure graph.
    width : int or None
        Columns of a line; None for one line each.

    Returns
    -------
    str
        Plain text for a terminal.
    """
    structure = ontology.structures[name]
    kind = "  (a group: never a label in a volume)" if structure.abstract else ""
    facts = _pair("defined at", f"{structure.span.path}:{structure.span.line}")
    facts += _pair("also called", ", ".join(structure.aliases))
    facts += _pair("is a", ", ".join(structure.is_a))
    facts += _pair("part of", ", ".join(structure.part_of))
    facts += _pair("ancestors", ", ".join(ontology.ancestors(name)))
    facts += _pair("below it", listing(ontology.descendants(name), FLAT_LIST))
    facts += [
        fact
        for key, sequence in ontology.sequences.items()
        if name in sequence.members
        for fact in _pair("sequence", _place_in_sequence(name, key, sequence.members))
    ]
    for key in ontology.attributes:
        value = ontology.get(name, key)
        if value is not None:
            inherited = "" if key in structure.own else "  (inherited or default)"
            facts += _pair(key, _value(value) + inherited)
    for code in structure.codes:
        facts += _pair(code.system, f"{code.code} {code.meaning or ''} [{code.remarks}]")
    facts += _pair("notes", structure.notes)
    lines = beside(f"{name}   ", f"{structure.title}{kind}", width)
    lines += _fact_lines(facts, width)
    lines += ["", "schemes that have it:"]
    lines += _schemes_with(name, ontology, width) or ["  none"]
    return "\n".join(lines)


def scheme_page(scheme: Scheme, width: int | None = None) -> str:
    """Write what a scheme is and its integer table; `width` as for a structure."""
    facts = _pair("file", scheme.path)
    facts += _pair("also called", ", ".join(scheme.aliases))
    facts += _pair("about", scheme.about)
    facts += _pair("evidence", scheme.evidence)
    facts += _pair("regions", ", ".join(scheme.regions))
    facts += _pair("joins", ", ".join(scheme.join))
    lines = beside(f"{scheme.name}   ", scheme.title, width)
    lines += _fact_lines(facts, width)
    lines += ["", f"{len(scheme.entries)} classes:"]
    rows = [
        (f"  {entry.integer:>5}  ", entry.name, _target(entry))
        for entry in sorted(scheme.entries, key=lambda e: e.integer)
    ]
    return "\n".join([*lines, *_class_lines(rows, width)])


def _class_lines(rows: Sequence[tuple[str, str, str]], width: int | None) -> list[str]:
    """Set the classes in columns, or where these are too wide, each as `name = structure`."""
    lines = [f"{head}{name:<{NAME}} {target}".rstrip() for head, name, target in rows]
    if width is None or max(map(len, lines)) <= width:
        return lines
    said = [(head, f"{name} = {target}" if target else name) for head, name, target in rows]
    return [line for head, text in said for line in beside(head, text, width)]


def _target(entry: SchemeEntry) -> str:
    names = structures_of(entry.target)
    if not names:
        return type(entry.target).__name__.lower()
    return " | ".join(names) if names != (entry.name,) else ""


def _pair(key: str, value: str) -> list[tuple[str, str]]:
    return [(key, value)] if value else []


def _fact_lines(facts: Sequence[tuple[str, str]], width: int | None) -> list[str]:
    return [line for key, value in facts for line in beside(f"  {key:<18} ", value, width)]


def _place_in_sequence(name: str, key: str, members: tuple[str, ...]) -> str:
    at = members.index(name)
    before = members[at - 1] if at > 0 else "(first)"
    after = members[at + 1] if at + 1 < len(members) else "(last)"
    return f"{key}: number {at + 1} of {len(members)}, between {before} and {after}"


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)


def _schemes_with(name: str, ontology: Ontology, width: int | None) -> list[str]:
    rows = [
        (key, entry.integer, entry.name)
        for key, path in sorted(scheme_paths(ontology.project).items())
        # A scheme names its structures by their own names; most have not this one.
        if name in path.read_text(encoding="utf-8")
        for entry in load_scheme(key, ontology).entries
        if name in structures_of(entry.target)
    ]
    lines = [f"  {key:<{NAME}} {integer:>5}  {said}" for key, integer, said in rows]
    if width is None or max(map(len, lines), default=0) <= width:
        return lines
    return [
        line
        for key, integer, said in rows
        for line in beside(f"  {key} ", f"{integer} {said}", width)
    ]
