from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vesalius.adapters.rule_tests.collect import make_bench, select_tests
from vesalius.adapters.rule_tests.orient import ORIENTATIONS
from vesalius.adapters.rule_tests.results import TestResult
from vesalius.adapters.rule_tests.run_test import run_test
from vesalius.ontology.load import load_ontology
from vesalius.rules.places import load_anchors

PACK = Path(__file__).parent / "pack.yaml"


@pytest.fixture(scope="session")
def items():
    """The tests of the pack by name, each with its compiled rule."""
    ontology = load_ontology()
    anchors = load_anchors(ontology)
    return {
        item.name: (make_bench(item.rule, item.pack, ontology, anchors), item.test)
        for item in select_tests([str(PACK)], ontology, anchors)
    }


@pytest.fixture(scope="session")
def run(items) -> Callable[..., TestResult]:
    """Run a test of the pack by name, in all orientations or only as the patient lies."""

    def run(name: str, orientations: int = 48) -> TestResult:
        bench, test = items[name]
        return run_test(bench, test, ORIENTATIONS[:orientations])

    return run


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).parents[2]
