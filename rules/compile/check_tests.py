"""Rules whose tests do not show where they speak, or not where they are silent.

This is said of a pack that is checked, never where it is used: who runs a pack cannot mend it.
"""

from __future__ import annotations

from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.rules.rule import Pack


def untested(pack: Pack) -> list[Diagnostic]:
    """Report rules without a test that must fire or without one that must not (RUL030)."""
    problems = []
    for rule in pack.rules:
        outcomes = {test.outcome for test in rule.tests}
        fires = "changed" if rule.changes else "violated"
        lacking = []
        if not outcomes & {"changed", "violated", "failed"}:
            lacking.append(f"fires (`outcome: {fires}`)")
        if not outcomes & {"holds", "skipped"}:
            lacking.append("does not (`outcome: holds` or `skipped`)")
        if lacking:
            message = f"no test of `{rule.id}` shows where it {' or where it '.join(lacking)}"
            problems.append(Diagnostic("RUL030", "warning", message, span=rule.listed.id_span))
    return problems
