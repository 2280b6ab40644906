"""The rule packs that are shipped, with their tests, read once: each takes more than a second."""

from __future__ import annotations

from functools import cache

from vesalius.adapters.rule_tests.collect import Item, select_tests
from vesalius.ontology.load import load_ontology
from vesalius.rules.places import load_anchors
from vesalius.rules.rule import Pack


@cache
def shipped_tests() -> tuple[Item, ...]:
    """Give every test of every pack."""
    ontology = load_ontology()
    return select_tests((), ontology, load_anchors(ontology))


def shipped_pack(name: str) -> Pack:
    """Give a pack by its name."""
    return next(item.pack for item in shipped_tests() if item.pack.name == name)
