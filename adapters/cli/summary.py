"""A report in a few lines for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from vesalius.adapters.cases.report import report_rows
from vesalius.adapters.cases.rule_outcomes import PRECEDENCE, Json, RuleOutcome
from vesalius.adapters.cases.run_case import CaseRun
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.engine.changes import changes

SHOWN = 12
LEFT_OUT_SHOWN = 6
_LEFT_OUT = {
    "dropped": "dropped, as the scheme says",
    "ignored": "without an opinion",
    "unlisted": "of classes that the scheme does not list",
}
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
    for source in report_rows(report, "sources"):
        _print_source(source, open_choices)
    lost = {str(row["structure"]) for row in report_rows(report, "lost")}
    # What the output has no place for can only lose to what it has one for.
    _print_conflicts(
        [
            c
            for c in report_rows(report, "conflicts")
            if c["kind"] == "priority" and c["loser"] not in lost
        ]
    )
    for anchor in report_rows(report, "anchors"):
        if anchor["status"] != "fitted":
            click.echo(f"  {anchor['anchor']} {anchor['status']}: {anchor['reason']}")


def _print_source(source: dict[str, Any], open_choices: Mapping[tuple[str, int], str]) -> None:
    """Print what became of the voxels of one source.

    Parameters
    ----------
    source : dict
        A row of the report.
    open_choices : mapping of (str, int) to str
        What would have to be known of the patient, by source and integer.
    """
    classes = source["classes"]
    claimed = sum(sum(c["painted"].values()) for c in classes)
    # The merge may be won by a structure that the output has no integer for.
    without_place = sum(c.get("lost", {}).get(name, 0) for c in classes for name in c["painted"])
    kept = sum(c["won"] for c in classes) - without_place
    click.echo(
        f"  {source['source']}: {_classes(len(classes))}, {plural(claimed, 'voxel')} claimed, "
        f"{kept:,} kept"
    )
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


def print_rules(run: CaseRun, moves: bool = True) -> None:
    """Print how many rules ended how, what they changed (if asked), and what remains."""
    if not run.outcomes:
        return
    words = Counter(outcome.status for outcome in run.outcomes)
    listed = ", ".join(f"{words[status]} {status}" for status in PRECEDENCE if words[status])
    click.echo(f"{plural(len(run.outcomes), 'rule')}: {listed}")
    for outcome in run.outcomes:
        if moves:
            _print_moves(outcome, run.tokens)
        _print_remaining(outcome, run.tokens)
        if outcome.excludes:
            click.echo(f"  exclude  {outcome.rule.id} leaves this case out")


def _print_moves(outcome: RuleOutcome, tokens: Mapping[int, str]) -> None:
    for move in outcome.moves:
        click.echo(
            f"  changed  {outcome.rule.id}: {tokens[move.source]} -> {tokens[move.target]}, "
            f"{plural(move.voxels, 'voxel')}, {move.ml:.2f} ml"
        )


def _print_remaining(outcome: RuleOutcome, tokens: Mapping[int, str]) -> None:
    rule = outcome.rule
    if outcome.status == "failed":
        click.echo(f"  failed   {rule.id}: {outcome.reason}")
    texts = outcome.texts(outcome.remaining, tokens)
    largest = sorted(range(len(texts)), key=lambda at: -outcome.remaining[at].ml)
    for text in [texts[at] for at in largest[:FINDINGS_SHOWN]]:
        click.echo(f"  {rule.severity:<8} {rule.id}: {text}")
    more = len(texts) - FINDINGS_SHOWN
    if more > 0:
        click.echo(f"           and {plural(more, 'more finding')}, see the report")
    if rule.changes and outcome.status == "violated" and outcome.reason:
        click.echo(f"           {outcome.reason}")


def print_changes(run: CaseRun) -> None:
    """Print per rule and structure what would change; nothing was written."""
    tokens = run.tokens
    rows = [
        {
            "structure": tokens[move.source],
            "becomes": tokens[move.target],
            "voxels": f"{move.voxels:,}",
            "ml": f"{move.ml:.2f}",
            "rule": outcome.rule.id,
        }
        for outcome in run.outcomes
        for move in outcome.moves
    ]
    print_table(rows, right=("voxels", "ml"))
    # A voxel that one rule moves and a later one moves on is one voxel.
    found = changes(run.result.merged, run.result.work)
    total = int((found.stop - found.start).sum())
    click.echo(f"{plural(total, 'voxel')} would change; nothing was written")


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
    )


def _print_conflicts(conflicts: list[dict[str, Any]]) -> None:
    if not conflicts:
        return
    total = sum(c["voxels"] for c in conflicts)
    click.echo(f"  {total:,} voxels claimed for two structures of one level:")
    ranked = sorted(conflicts, key=lambda c: -c["voxels"])
    for conflict in ranked[:SHOWN]:
        click.echo(f"    {conflict['voxels']:>8,}  {conflict['winner']} over {conflict['loser']}")
    if len(ranked) > SHOWN:
        click.echo(f"    and {len(ranked) - SHOWN} more pairs, see the report")
