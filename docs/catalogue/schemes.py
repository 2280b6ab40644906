"""A page per scheme, with its table."""

from __future__ import annotations

from collections.abc import Iterator

from catalogue.known import Known
from catalogue.markup import code, escaped, heading, link, paragraphs, prose, table
from catalogue.page import Page, entry_page, index_path, list_page, scheme_path
from catalogue.structures import structure_links, swatch
from catalogue.targets import target_words
from vesalius.ontology.scheme.meaning import structures_of
from vesalius.ontology.scheme.scheme import Scheme


def scheme_pages(known: Known) -> Iterator[Page]:
    """Write the page of each scheme, and their list."""
    for scheme in known.schemes:
        yield _page(scheme, known)
    here = index_path("schemes")
    rows = (
        (
            link(here, scheme_path(scheme.name), code(scheme.name)),
            str(len(scheme.entries)),
            escaped(scheme.title),
            escaped(scheme.evidence),
        )
        for scheme in known.schemes
    )
    intro = "Each is a source and a target: `--prediction NAME=FILE`, `--target NAME`."
    head = ["scheme", "classes", "title", "evidence"]
    yield list_page(here, "Schemes", [intro, "", *table(head, rows)])


def _page(scheme: Scheme, known: Known) -> Page:
    here = scheme_path(scheme.name)
    lines = [f"**{escaped(scheme.title)}**", "", *paragraphs(scheme.about)]
    lines += [f"- {name}: {text}" for name, text in _facts(scheme, here)]
    lines += ["", *heading(2, f"{len(scheme.entries)} classes")]
    lines += table(
        ["integer", "class", "means"],
        (
            (str(entry.integer), escaped(entry.name), colour + target_words(entry.target, here))
            for entry in sorted(scheme.entries, key=lambda entry: entry.integer)
            for colour in ["".join(swatch(n, known.ontology) for n in structures_of(entry.target))]
        ),
    )
    if scheme.despite_name:
        lines += heading(2, "Names that mislead")
        lines += [f"- {key}: {prose(why)}" for key, why in scheme.despite_name.items()]
    return entry_page(here, "schemes", scheme.name, lines, boost=2)


def _facts(scheme: Scheme, here: str) -> Iterator[tuple[str, str]]:
    if scheme.aliases:
        yield "also called", ", ".join(code(alias) for alias in scheme.aliases)
    if scheme.evidence:
        yield "evidence", escaped(scheme.evidence)
    if scheme.source:
        yield "source", prose(scheme.source)
    if scheme.regions:
        yield "believed in", escaped(", ".join(scheme.regions))
    if scheme.join:
        yield "several integers share", structure_links(here, scheme.join)
    if scheme.reversed:
        yield "numbered against anatomy", escaped(", ".join(scheme.reversed))
    if scheme.numbering_of:
        other = scheme.numbering_of
        yield "numbered as", link(here, scheme_path(other), code(other))
    if not scheme.closed:
        yield "other integers", "ignored"
    if scheme.background:
        yield "background", str(scheme.background)
    yield "one file per class is called", code(scheme.folder)
