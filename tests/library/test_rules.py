"""Every test of every shipped rule pack, as an item `phase/rule::test`."""

from __future__ import annotations

from vesalius.adapters.rule_tests.results import render_result
from vesalius.adapters.rule_tests.run_test import run_test


def test_rule(shipped, bench):
    if isinstance(shipped, Exception):
        raise shipped
    result = run_test(bench(shipped), shipped.test)
    assert result.passed, "\n" + render_result(result)
