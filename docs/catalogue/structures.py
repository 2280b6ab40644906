"""A page per structure: its place in the graph, and the schemes and rules that know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from catalogue.known import Known
from catalogue.markup import code, escaped, heading, link, paragraphs, prose, table
from catalogue.page import (
    Page,
    entry_page,
    index_path,
    list_page,
    rule_path,
    scheme_path,
    structure_path,
)
from catalogue.targets import target_words
from vesalius.ontology.attribute import EDGES, Edge
from vesalius.ontology.concept_codes import Code
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import To
from vesalius.ontology.structure import Structure

WORDS: Final[dict[Edge, str]] = {"is_a": "is a kind of", "part_of": "is a part of"}
BELOW: Final[dict[Edge, str]] = {"is_a": "its kinds", "part_of": "its parts"}
_BOOST: Final = 3


def structure_pages(known: Known) -> Iterator[Page]:
    """Write the page of each structure, and their list."""
    for structure in known.ontology.structures.values():
        yield _page(structure, known)
    yield _list(known.ontology)


def structure_links(here: str, names: Iterable[str]) -> str:
    """Link to structures."""
    return ", ".join(link(here, structure_path(name), code(name)) for name in names)


def swatch(name: str, ontology: Ontology) -> str:
    """Show the colour of a structure; nothing where it has none."""
    colour = ontology.get(name, "color")
    if colour is None:
        return ""
    figures = ",".join(str(int(part)) for part in colour)
    return f'<span class="swatch" style="background:rgb({figures})"></span> '


def _page(structure: Structure, known: Known) -> Page:
    ontology, here = known.ontology, structure_path(structure.name)
    group = ", a group that is never a label in a volume" if structure.abstract else ""
    lines = [f"{swatch(structure.name, ontology)}**{escaped(structure.title)}**{group}", ""]
    if structure.aliases:
        lines += [f"Also called {', '.join(escaped(alias) for alias in structure.aliases)}.", ""]
    lines += paragraphs(structure.notes) if structure.notes else []
    lines += _codes(structure)
    lines += heading(2, "Place in the graph", searched=False)
    lines += _place(structure, ontology, here)
    lines += heading(2, "Schemes that have it", searched=False)
    lines += table(
        ["scheme", "integer", "class", "condition"],
        (
            (
                link(here, scheme_path(scheme.name), code(scheme.name)),
                str(entry.integer),
                escaped(entry.name),
                "" if entry.target == To(structure.name) else target_words(entry.target, here),
            )
            for scheme, entry in known.classes_of.get(structure.name, ())
        ),
    ) or ["None.", ""]
    lines += heading(2, "Rules that judge or make it", searched=False)
    lines += table(
        ["rule", "pack", "what it wants"],
        (
            (
                link(here, rule_path(placed.pack, placed.rule.id), code(placed.rule.id)),
                escaped(placed.pack),
                prose(placed.rule.summary),
            )
            for placed in known.judged_by.get(structure.name, ())
        ),
    ) or ["None.", ""]
    lines += heading(2, "Attributes", searched=False)
    lines += table(["attribute", "value", ""], _attributes(structure, ontology, here))
    return entry_page(here, "structures", structure.name, lines, boost=_BOOST)


def _place(structure: Structure, ontology: Ontology, here: str) -> Iterator[str]:
    name = structure.name
    for edge in EDGES:
        for parent in ontology.parents(name, (edge,)):
            way = " › ".join(structure_links(here, [above]) for above in _way(parent, ontology))
            yield f"- {WORDS[edge]}: {way}"
    for edge in EDGES:
        children = ontology.children(name, (edge,))
        if children:
            yield f"- {BELOW[edge]}: {structure_links(here, children)}"
    mirror = ontology.mirror(name)
    if mirror is not None:
        yield f"- on the other side: {structure_links(here, [mirror])}"
    for sequence, members in ((key, s.members) for key, s in ontology.sequences.items()):
        if name in members:
            at = members.index(name)
            around = structure_links(here, members[max(at - 1, 0) : at + 2])
            yield f"- number {at + 1} of {len(members)} in {code(sequence)}: {around}"
    if not ontology.parents(name) and not ontology.children(name):
        yield "- stands alone"
    yield ""


def _way(name: str, ontology: Ontology) -> list[str]:
    """Give the way from the top of the graph down to a structure, along first parents."""
    way = [name]
    while parents := ontology.parents(way[0]):
        way.insert(0, parents[0])
    return way


def _codes(structure: Structure) -> list[str]:
    rows = [
        (concept.system, _concept(concept), escaped(concept.remarks)) for concept in structure.codes
    ]
    return table(["terminology", "concept", "match"], rows)


def _concept(concept: Code) -> str:
    return f"{escaped(concept.code)} {escaped(concept.meaning)}"


def _attributes(
    structure: Structure, ontology: Ontology, here: str
) -> Iterator[tuple[str, str, str]]:
    for key, attribute in ontology.attributes.items():
        value = ontology.get(structure.name, key)
        if value is None:
            continue
        values = value if isinstance(value, list | tuple) else [value]
        if attribute.kind == "structure":
            shown = structure_links(here, [str(value)])
        else:
            shown = escaped(", ".join(str(part) for part in values))
        yield code(key), shown, "" if key in structure.own else "inherited or default"


def _list(ontology: Ontology) -> Page:
    here = index_path("structures")
    by_system: dict[str, list[Structure]] = {}
    for structure in ontology.structures.values():
        by_system.setdefault(structure.span.path.rpartition("/")[2][:-5], []).append(structure)
    lines = [f"{len(ontology.structures)} structures, by the file they are written in.", ""]
    for system, structures in by_system.items():
        lines += heading(2, escaped(system.replace("_", " ")), searched=False)
        lines += table(
            ["structure", "title"],
            (
                (
                    swatch(structure.name, ontology)
                    + link(here, structure_path(structure.name), code(structure.name)),
                    escaped(structure.title) + (" (group)" if structure.abstract else ""),
                )
                for structure in structures
            ),
        )
    return list_page(here, "Structures", lines)
