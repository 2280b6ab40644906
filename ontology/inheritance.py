"""What a structure takes from its parents: attribute values and concept codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vesalius.ontology.attribute import Attribute
from vesalius.ontology.concept_codes import SYSTEMS, Code, CodeMatch
from vesalius.ontology.hierarchy import Generations, Hierarchy
from vesalius.ontology.reading.diagnostics import Diagnostic, Note
from vesalius.ontology.structures_file import WrittenStructure

Written = Mapping[str, WrittenStructure]


def effective_values(
    name: str, written: Written, hierarchy: Hierarchy, attributes: Mapping[str, Attribute]
) -> tuple[dict[str, object], list[Diagnostic]]:
    """Give every attribute's value: own, else of the nearest ancestor, else the default.

    Attributes without any value are left out. Two nearest ancestors that differ are ONT009.
    """
    values: dict[str, object] = {}
    problems: list[Diagnostic] = []
    for attribute in attributes.values():
        key, along = attribute.name, attribute.inherited_along
        if key in written[name].own:
            values[key] = written[name].own[key]
            continue
        givers = _nearest_givers(key, written, hierarchy.generations(name, along))
        if givers:
            values[key] = written[givers[0]].own[key]
            problems += _check_agreement(name, key, givers, written)
        elif attribute.default is not None:
            values[key] = attribute.default
    return values, problems


def _nearest_givers(key: str, written: Written, layers: Generations) -> list[str]:
    for layer in layers:
        givers = [ancestor for ancestor in layer if key in written[ancestor].own]
        if givers:
            return givers
    return []


def _check_agreement(name: str, key: str, givers: list[str], written: Written) -> list[Diagnostic]:
    first = givers[0]
    value = written[first].own[key]
    for other in givers[1:]:
        differing = written[other].own[key]
        if differing != value:
            notes = tuple(
                Note(f"from `{giver}`", written[giver].at(key)) for giver in (first, other)
            )
            return [
                Diagnostic(
                    "ONT009",
                    "error",
                    f"`{name}` inherits two values of `{key}`: {show(value)} from `{first}` "
                    f"and {show(differing)} from `{other}`",
                    span=written[name].span,
                    help=f"write `{key}:` on `{name}` itself",
                    notes=notes,
                )
            ]
    return []


def show(value: object) -> str:
    """Give a value as YAML writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(show(part) for part in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


def effective_codes(
    name: str,
    written: Written,
    hierarchy: Hierarchy,
    values: Mapping[str, Mapping[str, object]],
    attributes: Mapping[str, Attribute],
) -> tuple[Code, ...]:
    """Give the codes of a structure, in the order of the systems.

    An own code stands. Otherwise the nearest ancestor along `is_a` gives its code; where an
    attribute declares a modifier for the structure's value and the ancestor's value differs,
    the modifier is added and the match becomes "composed".
    """
    codes = []
    layers = hierarchy.generations(name, ("is_a",))
    for system in SYSTEMS:
        own = written[name].codes.get(system)
        if own is not None:
            codes.append(own)
            continue
        giver = next((a for layer in layers for a in layer if system in written[a].codes), None)
        if giver is not None:
            code = written[giver].codes[system]
            modifier = _modifier(code, values[name], values[giver], attributes)
            codes.append(
                replace(
                    code,
                    match=_inherited_match(code.match, modifier is not None),
                    modifier=modifier or code.modifier,
                    inherited_from=giver,
                )
            )
    return tuple(codes)


def _modifier(
    code: Code,
    own: Mapping[str, object],
    givers: Mapping[str, object],
    attributes: Mapping[str, Attribute],
) -> Code | None:
    for attribute in attributes.values():
        modifier = attribute.codes.get(str(own.get(attribute.name)))
        if modifier is None or modifier.system != code.system or code.modifier is not None:
            continue
        if givers.get(attribute.name) != own.get(attribute.name):
            return modifier
    return None


def _inherited_match(match: CodeMatch, composed: bool) -> CodeMatch:
    if match == "exact":
        return "composed" if composed else "broader"
    # A concept around the parent is one around the child; of the others nothing is known.
    return "broader" if match in ("broader", "composed") else "closest"
