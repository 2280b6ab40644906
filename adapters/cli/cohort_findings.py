"""What remains in the cases of a cohort, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from vesalius.adapters.cases.case_verdict import NOTHING
from vesalius.adapters.cases.fail_on import fails
from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.cohort.cohort_record import COHORT_TABLE
from vesalius.adapters.cohort.cohort_report import is_excluded
from vesalius.adapters.files.io_diagnostics import listing, plural

CASES_SHOWN, RULES_SHOWN, LETTERS_SHOWN = 12, 3, 160


def has_findings(outcomes: Sequence[Outcome], fail_on: str) -> bool:
    """Tell whether a case has findings that matter, as `--fail-on` says."""
    return any(fails(fail_on, _counts(o), is_excluded(o)) for o in outcomes if o.judged)


def print_worst(
    outcomes: Sequence[Outcome], order: Mapping[str, int], where: str = COHORT_TABLE
) -> None:
    """Print which cases are excluded and which have errors, those with the most first.

    Parameters
    ----------
    outcomes : sequence of Outcome
        As the cases finished.
    order : mapping of str to int
        Place of each case in the cohort.
    where : str
        What has a row of every case.
    """
    ordered = sorted(outcomes, key=lambda o: (-_counts(o).get("error", 0), order[o.case]))
    total = len(outcomes)
    excluded = [o for o in ordered if is_excluded(o)]
    wrong = [o for o in ordered if not is_excluded(o) and _counts(o).get("error")]
    _print(excluded, total, "is excluded", "are excluded")
    _print(wrong, total, "has errors", "have errors")
    named = {o.case for o in (*excluded, *wrong)}
    warned = sum(bool(_counts(o).get("warning")) for o in ordered if o.case not in named)
    if warned:
        have = "has" if warned == 1 else "have"
        click.echo(f"{warned:,} of {plural(total, 'case')} {have} warnings alone, see {where}")
    empty = [o.case for o in ordered if NOTHING in _reasons(o)]
    if empty:
        has = "case has" if len(empty) == 1 else "cases have"
        click.echo(f"{len(empty):,} {has} nothing labelled: {listing(empty, CASES_SHOWN)}")
    _print_doubts(outcomes, order, where)


def _print_doubts(outcomes: Sequence[Outcome], order: Mapping[str, int], where: str) -> None:
    """Print each kind of warning about files once, with its cases and the first of its texts."""
    found: dict[str, dict[str, str]] = {}
    for outcome in sorted(outcomes, key=lambda o: order[o.case]):
        for doubt in outcome.doubts:
            code, message = str(doubt["code"]), str(doubt["message"])
            found.setdefault(code, {}).setdefault(outcome.case, message)
    for code, cases in sorted(found.items()):
        text = next(iter(cases.values()))
        text = text if len(text) <= LETTERS_SHOWN else f"{text[:LETTERS_SHOWN].rstrip()}..."
        named = listing(list(cases), CASES_SHOWN)
        click.echo(f"warning[{code}] of the files of {plural(len(cases), 'case')}: {named}")
        click.echo(f"  {next(iter(cases))}: {text}")
    if found:
        click.echo(f"`vesalius explain {next(iter(sorted(found)))}` tells more; all are in {where}")


def _print(outcomes: Sequence[Outcome], total: int, one: str, several: str) -> None:
    if not outcomes:
        return
    cases = [f"{o.case} ({listing(_rules(o), RULES_SHOWN)})" for o in outcomes]
    what = one if len(outcomes) == 1 else several
    said = f"{len(outcomes):,} of {plural(total, 'case')} {what}"
    click.echo(f"{said}: {listing(cases, CASES_SHOWN)}")


def _counts(outcome: Outcome) -> dict[str, int]:
    judged: dict[str, Any] = outcome.judged or {"summary": {"findings": {}}}
    counts: dict[str, int] = judged["summary"]["findings"]
    return counts


def _reasons(outcome: Outcome) -> list[str]:
    judged: dict[str, Any] = outcome.judged or {"verdict": {"reasons": []}}
    return [str(reason) for reason in judged["verdict"]["reasons"]]


def _rules(outcome: Outcome) -> list[str]:
    judged: dict[str, Any] = outcome.judged or {"verdict": {"rules": []}}
    return [str(rule) for rule in judged["verdict"]["rules"]]
