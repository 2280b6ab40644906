"""Checking the pictures of a pack without running its tests."""

from __future__ import annotations

from vesalius.adapters.rule_tests.scene import build_scene
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.rules.rule import Pack, Rule


def labels_of_tests(rule: Rule, ontology: Ontology) -> dict[str, int]:
    """Give every structure that may have voxels a label, those that the rule's tests draw first.

    So the pictures fit into bytes, and no number depends on the letters.
    """
    drawn = {name for test in rule.tests for name in test.key.values()}
    concrete = [s.name for s in ontology.structures.values() if not s.abstract]
    ordered = sorted(concrete, key=lambda name: name not in drawn)
    return {name: number for number, name in enumerate(ordered, start=1)}


def picture_problems(pack: Pack, ontology: Ontology) -> list[Diagnostic]:
    """Find everything that is wrong with the pictures of a pack (PIC0xx), without running."""
    found: list[Diagnostic] = []
    for rule in pack.rules:
        labels = labels_of_tests(rule, ontology)
        for test in rule.tests:
            try:
                build_scene(test, labels)
            except DiagnosticError as error:
                found += error.diagnostics
    return found
