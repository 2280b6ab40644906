from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shipped_packs import shipped_tests
from vesalius.adapters.rule_tests.collect import Item, make_bench
from vesalius.adapters.rule_tests.run_test import Bench
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.rules.places import AnchorSpec, load_anchors
from vesalius.rules.rule import Rule

RULE = """\
  - id: areas/{name}
    summary: For this test.
    for: gonads
    where: {{above: vertebrae_C6}}
    expect: absent
    repair: {repair}
    tests:
"""


def pytest_generate_tests(metafunc):
    """Every test of every shipped pack is an item of its own."""
    if "shipped" not in metafunc.fixturenames:
        return
    try:
        items = shipped_tests()
    except DiagnosticError as error:
        # A pack that cannot be read fails one test instead of ending the collection.
        metafunc.parametrize("shipped", [error], ids=["packs"])
        return
    metafunc.parametrize("shipped", items, ids=[item.name for item in items])


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="session")
def anchors(ontology) -> dict[str, AnchorSpec]:
    return load_anchors(ontology)


@pytest.fixture(scope="session")
def bench(ontology, anchors) -> Callable[[Item], Bench]:
    """Compile the rule of a test, once."""
    made: dict[Rule, Bench] = {}

    def bench(item: Item) -> Bench:
        if item.rule not in made:
            made[item.rule] = make_bench(item.rule, item.pack, ontology, anchors)
        return made[item.rule]

    return bench


@pytest.fixture
def pack(tmp_path) -> Callable[..., Path]:
    """Write a pack whose rules keep gonads out of the head, by name, with tests in YAML."""

    def pack(name: str, *, repair: str = "remove", **rules: str) -> Path:
        path = tmp_path / f"{name}.yaml"
        text = f"schema: rules/1\npack: {name}\nabout: A test.\nphases: [areas]\nrules:\n"
        for rule, tests in rules.items():
            text += RULE.format(name=rule, repair=repair)
            text += "".join(f"      {line}\n" for line in tests.strip("\n").splitlines())
        path.write_text(text)
        return path

    return pack
