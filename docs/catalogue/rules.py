"""A page per rule, with its pictures drawn."""

from __future__ import annotations

from collections.abc import Iterator

from catalogue.known import Known, Placed
from catalogue.markup import code, escaped, heading, link, paragraphs, prose, table
from catalogue.page import Page, entry_page, index_path, kind_path, list_page, rule_path
from catalogue.pictures import picture_lines
from catalogue.structures import structure_links
from vesalius.rules.kinds import derivation_of, expectation_of, repair_of
from vesalius.rules.page import rule_facts
from vesalius.rules.rule import Rule

_IN_CODE = ("when", "where", "expects", "repairs", "derives")
_MOST = 40


def rule_pages(known: Known) -> Iterator[Page]:
    """Write the page of each rule, and their list."""
    for placed in known.rules:
        yield _page(placed, known)
    yield _list(known)


def kinds_of(rule: Rule) -> Iterator[tuple[str, str]]:
    """Give the kinds of a rule: the key that each stands behind, and its own."""
    for kind in dict.fromkeys(expectation_of(form).key for form in rule.expects):
        yield "expect", kind
    if rule.repair is not None:
        yield "repair", repair_of(rule.repair).key
    if rule.derive is not None:
        yield "derive", derivation_of(rule.derive).key


def _page(placed: Placed, known: Known) -> Page:
    rule, pack = placed.rule, known.packs[placed.pack]
    here = rule_path(placed.pack, rule.id)
    lines = [f"**{prose(rule.summary)}**", ""]
    lines += [line for text in rule.reasons for line in paragraphs(text)]
    for name, text in rule_facts(pack, rule):
        # Where it is written differs between an installed package and a checkout.
        if name != "written in":
            lines.append(f"- {name}: {code(text) if name in _IN_CODE else escaped(text)}")
    kinds = [link(here, kind_path(place, key), code(key)) for place, key in kinds_of(rule)]
    lines += [f"- kinds: {', '.join(kinds)}", f"- pack: {escaped(placed.pack)}"]
    lines += ["", *heading(2, "Pictures", searched=False)]
    for test in rule.tests:
        lines += picture_lines(test, here, known.ontology)
    lines += [] if rule.tests else ["None are drawn.", ""]
    if rule.structures:
        more = len(rule.structures) - _MOST
        shown = structure_links(here, rule.structures[:_MOST])
        lines += heading(2, "Structures it judges", searched=False)
        lines.append(shown + (f" and {more} more" if more > 0 else ""))
    return entry_page(here, "rules", rule.id, lines, boost=2)


def _list(known: Known) -> Page:
    here = index_path("rules")
    lines = []
    for name, pack in known.packs.items():
        lines += [*heading(2, escaped(name), searched=False), *paragraphs(pack.about)]
        lines += table(
            ["rule", "what it wants", "pictures"],
            (
                (
                    link(here, rule_path(name, placed.rule.id), code(placed.rule.id)),
                    prose(placed.rule.summary),
                    str(len(placed.rule.tests) or ""),
                )
                for placed in known.rules
                if placed.pack == name
            ),
        )
    return list_page(here, "Rules", lines)
