"""A report in a few lines for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from vesalius.adapters.cases.fail_on import SEVERITIES
from vesalius.adapters.cases.not_judged import not_judged
from vesalius.adapters.cases.report import report_rows
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cases.rule_outcomes import PRECEDENCE, RuleOutcome
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.results import MapResult

SHOWN = 12
LEFT_OUT_SHOWN = 6
_LEFT_OUT = {
    "dropped": "dropped, as the scheme says",
    "ignored": "without an opinion",
    "unlisted": "of classes that the scheme does not list",
}
RULES_SHOWN = 3
STATUS_WORDS = {"skipped": "not judged"}
NOT_NEEDED = "not for this case"
_FINDINGS = {"error": "error", "warning": "warning", "info": "remark"}
FINDINGS_SHOWN = 8
"""Findings of one rule that a person is shown."""


def print_summary(report: Json, output: Path) -> None:
    """Print what was merged: structures, sources, conflicts, and where the result is."""
    structures = report_rows(report, "structures")
    voxels = sum(row["voxels"] for row in structures)
    liters = sum(row["ml"] for row in structures) / 1000
    click.echo(
        f"{plural(len(structures), 'structure')}, {plural(voxels, 'voxel')}, {liters:.2f} l "
        f"in {output}"
    )
    open_choices = {
        (row["source"], row["integer"]): str(row["key"])
        for row in report_rows(report, "choices")
        if row["value"] is None
    }
    files = _files_of_several(report)
    for source in report_rows(report, "sources"):
        _print_source(source, open_choices, files.get(str(source["source"]), ""))
    lost = {str(row["structure"]) for row in report_rows(report, "lost")}
    # What the output has no place for can only lose to what it has one for.
    _print_conflicts(
        [
            c
            for c in report_rows(report, "conflicts")
            if c["kind"] == "priority" and c["loser"] not in lost
        ],
        output,
    )
    for anchor in report_rows(report, "anchors"):
        if anchor["status"] != "fitted":
            click.echo(f"  {anchor['anchor']} {anchor['status']}: {anchor['reason']}")


def _files_of_several(report: Json) -> dict[str, str]:
    """Name the file of each source of a scheme of which there are several."""
    rows = report_rows(report, "sources")
    times = Counter(row["scheme"] for row in rows)
    several = {row["source"] for row in rows if times[row["scheme"]] > 1}
    return {
        row["source"]: f" ({row['path']})"
        for row in report_rows(report, "inputs")
        if row.get("source") in several
    }


def _print_source(
    source: dict[str, Any], open_choices: Mapping[tuple[str, int], str], file: str
) -> None:
    """Print what became of the voxels of one source.

    Parameters
    ----------
    source : dict
        A row of the report.
    open_choices : mapping of (str, int) to str
        What would have to be known of the patient, by source and integer.
    file : str
        Its file in brackets, where the scheme alone does not tell which source it is.
    """
    classes = source["classes"]
    claimed = sum(sum(c["painted"].values()) for c in classes)
    # The merge may be won by a structure that the output has no integer for.
    without_place = sum(c.get("lost", {}).get(name, 0) for c in classes for name in c["painted"])
    kept = sum(c["won"] for c in classes) - without_place
    voxels = f"{plural(claimed, 'voxel')} claimed, {kept:,} kept"
    click.echo(f"  {source['source']}{file}: {_classes(len(classes))}, {voxels}")
    for key, words in _LEFT_OUT.items():
        left_out = [c for c in classes if c.get(key)]
        named = []
        for c in left_out:
            unknown = open_choices.get((source["source"], c["integer"]))
            why = f" ({unknown} not known)" if unknown else ""
            named.append(f"{c['integer']} {c['name'] or '?'}{why}")
        if named:
            voxels = sum(c[key] for c in left_out)
            click.echo(f"    {plural(voxels, 'voxel')} {words}: {listing(named, LEFT_OUT_SHOWN)}")


def _classes(number: int) -> str:
    return f"{number} class" if number == 1 else f"{number} classes"


def print_rules(run: MapResult, moves: bool = True) -> None:
    """Print how many rules ended how, what they changed (if asked), and what remains."""
    if not run.outcomes:
        return
    click.echo(f"{plural(len(run.outcomes), 'rule')}: {count_rules(run.outcomes)}")
    for outcome in run.outcomes:
        if moves:
            _print_moves(outcome, run.tokens)
        _print_remaining(outcome, run.tokens)
        if outcome.excludes_case:
            click.echo(f"  exclude  {outcome.rule.id} leaves this case out")
    for topic in not_judged(run.outcomes):
        click.echo(f"  {topic}")
    # A pack of one turn never asked for a settled map; its report says whether it is one.
    if run.made.turns > 1 and not run.made.settled:
        turns = plural(run.made.turns, "turn")
        click.echo(f"  not settled: after {turns} of all rules another one may change something")
    click.echo(say_verdict(run))


def count_rules(outcomes: Sequence[RuleOutcome]) -> str:
    """Say how many rules ended how; one that could not judge is told from one that holds."""
    words = Counter(map(_ending, outcomes))
    listed = [STATUS_WORDS.get(status, status) for status in PRECEDENCE]
    listed.insert(-1, "judged in part")
    listed.append(NOT_NEEDED)
    return ", ".join(f"{words[word]} {word}" for word in listed if words[word])


def _ending(outcome: RuleOutcome) -> str:
    """Say how a rule ended."""
    if outcome.in_part:
        return "judged in part"
    if not outcome.applies:
        return NOT_NEEDED
    return STATUS_WORDS.get(outcome.status, outcome.status)


def say_verdict(run: MapResult) -> str:
    """Say what becomes of a case, and how much remains to be seen to."""
    word, counts = run.verdict.word, run.summary.findings
    rules = f" ({listing(list(run.verdict.rules), RULES_SHOWN)})" if run.verdict.rules else ""
    remaining = [plural(counts[s], _FINDINGS[s]) for s in SEVERITIES if counts[s]]
    return f"verdict: {word}{rules}; {' and '.join(remaining) or 'no finding'} in the result"


def _print_moves(outcome: RuleOutcome, tokens: Mapping[int, str]) -> None:
    for change in outcome.changes(tokens):
        click.echo(
            f"  changed  {change.rule}: {change.structure} -> {change.becomes}, "
            f"{plural(change.voxels, 'voxel')}, {change.ml:.2f} ml"
        )


def _print_remaining(outcome: RuleOutcome, tokens: Mapping[int, str]) -> None:
    rule = outcome.rule
    if outcome.status == "failed":
        click.echo(f"  failed   {rule.id}: {outcome.reason}")
    findings = sorted(outcome.named(outcome.remains, tokens), key=lambda found: -found.ml)
    for finding in findings[:FINDINGS_SHOWN]:
        click.echo(f"  {rule.severity:<8} {rule.id}: {finding.placed_message}")
    more = len(findings) - FINDINGS_SHOWN
    if more > 0:
        click.echo(f"           and {plural(more, 'more finding')}, see the report")
    if findings and rule.changes and outcome.status == "violated" and outcome.reason:
        click.echo(f"           {outcome.reason}")


def print_changes(run: MapResult) -> None:
    """Print per rule and structure what would change; nothing was written."""
    rows = [
        {
            "structure": change.structure,
            "becomes": change.becomes,
            "voxels": f"{change.voxels:,}",
            "ml": f"{change.ml:.2f}",
            "rule": change.rule,
        }
        for change in run.changes
    ]
    print_table(rows, right=("voxels", "ml"), more_follows=True)
    # A voxel that one rule moves and a later one moves on is one voxel.
    click.echo(f"{plural(run.changed_voxels, 'voxel')} would change; nothing was written")


def print_lost_briefly(report: Json) -> None:
    """Print in one line what the target has no place for."""
    rows = sorted(report_rows(report, "lost"), key=lambda row: -row["voxels"])
    if not rows:
        return
    voxels, ml = sum(row["voxels"] for row in rows), sum(row["ml"] for row in rows)
    named = [f"{row['structure']} {row['voxels']:,}" for row in rows]
    click.echo(
        f"  {plural(voxels, 'voxel')} ({ml:.1f} ml) without a place in `{report['target']}`: "
        f"{listing(named, LEFT_OUT_SHOWN)}"
    )


def print_lost(report: Json) -> None:
    """Print what the target has no place for, one row a structure."""
    lost = report_rows(report, "lost")
    if not lost:
        return
    print_table(
        [
            {
                "lost (no place in the target)": str(row["structure"]),
                "voxels": f"{row['voxels']:,}",
                "ml": f"{row['ml']:.1f}",
            }
            for row in lost
        ],
        right=("voxels", "ml"),
        more_follows=True,
    )


def _print_conflicts(conflicts: list[dict[str, Any]], output: Path) -> None:
    if not conflicts:
        return
    total = sum(c["voxels"] for c in conflicts)
    click.echo(f"  {total:,} voxels claimed for two structures of one level:")
    ranked = sorted(conflicts, key=lambda c: -c["voxels"])
    for conflict in ranked[:SHOWN]:
        click.echo(f"    {conflict['voxels']:>8,}  {conflict['winner']} over {conflict['loser']}")
    if len(ranked) > SHOWN:
        click.echo(f"    and {len(ranked) - SHOWN} more pairs")
        click.echo(f"    `vesalius explain {output}` says where the largest lie")
