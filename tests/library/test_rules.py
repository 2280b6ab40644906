"""Every test of every shipped rule pack, as an item `phase/rule::test`."""

from __future__ import annotations

from vesalius.adapters.rule_tests.collect import select_tests
from vesalius.adapters.rule_tests.results import render_result
from vesalius.adapters.rule_tests.run_test import run_test
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths


def test_rule(shipped, bench):
    if isinstance(shipped, Exception):
        raise shipped
    result = run_test(bench(shipped), shipped.test)
    assert result.passed, "\n" + render_result(result)


def test_no_test_of_a_pack_is_left_out(ontology, anchors):
    listed = [(item.rule.id, item.test.name) for item in select_tests((), ontology, anchors)]
    for name in pack_paths():
        for rule in load_pack(name, ontology, anchors).rules:
            assert rule.tests
            assert {(rule.id, test.name) for test in rule.tests} <= set(listed)
