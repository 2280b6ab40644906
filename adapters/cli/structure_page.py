"""Pages of text about a structure or a scheme."""

from __future__ import annotations

from vesalius.ontology.library import load_scheme, scheme_paths
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.scheme_types import Scheme, SchemeEntry, structures_of

FLAT_LIST = 12


def structure_page(name: str, ontology: Ontology) -> str:
    """Write everything known about a structure: attributes, place in the graph, schemes.

    Parameters
    ----------
    name : str
        A structure of the ontology.
    ontology : Ontology
        The structure graph.

    Returns
    -------
    str
        Plain text for a terminal.
    """
    structure = ontology.structures[name]
    kind = "  (a group: never a label in a volume)" if structure.abstract else ""
    lines = [f"{name}   {structure.title}{kind}"]
    lines += _pair("defined at", f"{structure.span.path}:{structure.span.line}")
    lines += _pair("also called", ", ".join(structure.aliases))
    lines += _pair("is a", ", ".join(structure.is_a))
    lines += _pair("part of", ", ".join(structure.part_of))
    lines += _pair("ancestors", ", ".join(ontology.ancestors(name)))
    lines += _pair("below it", _shortened(list(ontology.descendants(name))))
    lines += [
        line
        for key, sequence in ontology.sequences.items()
        if name in sequence.members
        for line in _pair("sequence", _place_in_sequence(name, key, sequence.members))
    ]
    for key in ontology.attributes:
        value = ontology.get(name, key)
        if value is not None:
            inherited = "" if key in structure.own else "  (inherited or default)"
            lines += _pair(key, _value(value) + inherited)
    for code in structure.codes:
        lines += _pair(code.system, f"{code.code} {code.meaning or ''} [{code.match}]")
    lines += _pair("notes", structure.notes)
    lines += ["", "schemes that have it:"]
    lines += _schemes_with(name, ontology) or ["  none"]
    return "\n".join(lines)


def scheme_page(scheme: Scheme) -> str:
    """Write what a scheme is and its integer table."""
    lines = [f"{scheme.name}   {scheme.title}"]
    lines += _pair("file", scheme.path)
    lines += _pair("about", scheme.about)
    lines += _pair("evidence", scheme.evidence)
    lines += _pair("regions", ", ".join(scheme.regions))
    lines += _pair("joins", ", ".join(scheme.join))
    lines += ["", f"{len(scheme.entries)} classes:"]
    for entry in sorted(scheme.entries, key=lambda e: e.integer):
        lines.append(f"  {entry.integer:>5}  {entry.name:<36} {_target(entry)}")
    return "\n".join(lines)


def _target(entry: SchemeEntry) -> str:
    names = structures_of(entry.target)
    if not names:
        return type(entry.target).__name__.lower()
    return " | ".join(names) if names != (entry.name,) else ""


def _pair(key: str, value: str) -> list[str]:
    return [f"  {key:<18} {value}"] if value else []


def _shortened(names: list[str]) -> str:
    if len(names) <= FLAT_LIST:
        return ", ".join(names)
    return ", ".join(names[:FLAT_LIST]) + f" and {len(names) - FLAT_LIST} more"


def _place_in_sequence(name: str, key: str, members: tuple[str, ...]) -> str:
    at = members.index(name)
    before = members[at - 1] if at > 0 else "(first)"
    after = members[at + 1] if at + 1 < len(members) else "(last)"
    return f"{key}: number {at + 1} of {len(members)}, between {before} and {after}"


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)


def _schemes_with(name: str, ontology: Ontology) -> list[str]:
    lines = []
    for key in sorted(scheme_paths()):
        scheme = load_scheme(key, ontology)
        found = [e for e in scheme.entries if name in structures_of(e.target)]
        lines += [f"  {key:<36} {e.integer:>5}  {e.name}" for e in found]
    return lines
