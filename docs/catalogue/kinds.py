"""A page per kind of expectation, repair and derivation, with before and after."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from catalogue.known import Known, Placed
from catalogue.markup import code, heading, link, paragraphs, prose, table
from catalogue.page import Page, entry_page, index_path, kind_path, list_page, rule_path
from catalogue.pictures import picture_lines
from catalogue.rules import kinds_of
from vesalius.rules.kind_page import PLACES, all_kinds, form_keys, kind_facts
from vesalius.rules.kinds import Expectation, Kind, Repair
from vesalius.rules.rule import RuleTest

_SHOWN = 3
_ACTS = ("changed", "violated")


def kind_pages(known: Known) -> Iterator[Page]:
    """Write the page of each kind, and their list."""
    kinds = all_kinds()
    for kind in kinds:
        yield _page(kind, known)
    here = index_path("kinds")
    lines = ["What may stand behind `expect`, `repair` and `derive` in a rule.", ""]
    for place in dict.fromkeys(PLACES.values()):
        lines += heading(2, code(place), searched=False)
        lines += table(
            ["kind", "written", "what it means"],
            (
                (
                    link(here, kind_path(place, kind.key), code(kind.key)),
                    prose(kind.written),
                    prose(_meaning(kind)),
                )
                for kind in kinds
                if PLACES[type(kind)] == place
            ),
        )
    yield list_page(here, "Kinds of rules", lines)


def _meaning(kind: Kind) -> str:
    if isinstance(kind, Expectation):
        return kind.holds
    return kind.does if isinstance(kind, Repair) else kind.makes


def _page(kind: Kind, known: Known) -> Page:
    place = PLACES[type(kind)]
    here = kind_path(place, kind.key)
    lines = [f"A form of {code(place)}.", ""]
    if kind.form is not None:
        lines += paragraphs(kind.form.__doc__ or "")
    lines += [f"- {name}: {_fact(name, text, here)}" for name, text in kind_facts(kind)] + [""]
    if isinstance(kind, Expectation) and kind.more:
        lines += paragraphs(kind.more)
    keys = [] if kind.form is None else list(form_keys(kind.form))
    lines += heading(2, "Keys", searched=False) if keys else []
    lines += table(["key", "what it says"], ((code(key), prose(text)) for key, text in keys))
    used = [placed for placed in known.rules if (place, kind.key) in kinds_of(placed.rule)]
    examples = (Placed("", known.examples.rule(rule_id)) for rule_id in known.examples.order)
    shown = [p for p in examples if (place, kind.key) in kinds_of(p.rule)] + used
    lines += heading(2, "Before and after", searched=False)
    for placed, test in islice(_telling(shown), _SHOWN):
        name = code(placed.rule.id)
        if placed.pack:
            name = link(here, rule_path(placed.pack, placed.rule.id), name)
        lines += [f"{name}: {prose(placed.rule.summary)}", ""]
        lines += picture_lines(test, here, known.ontology)
    lines += heading(2, f"{len(used)} rules use it", searched=False)
    lines += table(
        ["rule", "what it wants"],
        (
            (link(here, rule_path(p.pack, p.rule.id), code(p.rule.id)), prose(p.rule.summary))
            for p in used
        ),
    )
    return entry_page(here, "kinds", kind.key, lines, boost=2)


def _fact(name: str, text: str, here: str) -> str:
    """Write what a kind says of itself, with links to the kinds that go with it."""
    place = {"repairs": "repair", "mends": "expect"}.get(name)
    if place is None:
        return prose(text)
    keys = [kind.key for kind in all_kinds() if PLACES[type(kind)] == place]
    said = text.split(", ")
    return ", ".join(link(here, kind_path(place, k), code(k)) if k in keys else k for k in said)


def _telling(rules: list[Placed]) -> Iterator[tuple[Placed, RuleTest]]:
    """Give tests, those first that tell most: one that acts and one that does not, rule by rule."""
    later: list[tuple[Placed, RuleTest]] = []
    for placed in sorted(rules, key=lambda p: not any(t.outcome in _ACTS for t in p.rule.tests)):
        acts = [test for test in placed.rule.tests if test.outcome in _ACTS]
        rests = [test for test in placed.rule.tests if test.outcome not in _ACTS]
        yield from ((placed, test) for test in (*acts[:1], *rests[:1]))
        later += [(placed, test) for test in (*acts[1:], *rests[1:])]
    yield from later
