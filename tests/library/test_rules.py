"""Every test of every shipped rule pack, as an item `phase/rule::test`.

The tests of a rule share the 48 orientations: each is run as it is drawn and in its share of them,
so that every rule is run in all. `vesalius test` runs each test in all of them.
"""

from __future__ import annotations

from shipped_packs import shipped_tests
from vesalius.adapters.rule_tests.orient import ORIENTATIONS
from vesalius.adapters.rule_tests.results import render_result
from vesalius.adapters.rule_tests.run_test import run_test
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths


def share_of_orientations(item):
    """Give those in which this test of a rule is run: the first, and its share of all."""
    tests = item.rule.tests
    return (ORIENTATIONS[0], *ORIENTATIONS[1:][tests.index(item.test) :: len(tests)])


def test_rule(shipped, bench):
    if isinstance(shipped, Exception):
        raise shipped
    result = run_test(bench(shipped), shipped.test, share_of_orientations(shipped))
    assert result.passed, "\n" + render_result(result)


def test_every_rule_is_run_in_all_orientations():
    run = {}
    for item in shipped_tests():
        run.setdefault(item.rule, set()).update(share_of_orientations(item))
    assert [rule.id for rule, seen in run.items() if len(seen) < len(ORIENTATIONS)] == []


def test_no_test_of_a_pack_is_left_out(ontology, anchors):
    listed = [(item.rule.id, item.test.name) for item in shipped_tests()]
    for name in pack_paths():
        for rule in load_pack(name, ontology, anchors).rules:
            assert rule.tests
            assert {(rule.id, test.name) for test in rule.tests} <= set(listed)
