"""A report in a few lines for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vesalius.adapters.cases.rule_outcomes import Json
from vesalius.adapters.cli.tables import print_table

SHOWN = 12


def print_summary(report: Json, output: Path) -> None:
    """Print what was merged: structures, sources, conflicts, and where the result is."""
    structures = _rows(report, "structures")
    voxels = sum(row["voxels"] for row in structures)
    liters = sum(row["ml"] for row in structures) / 1000
    click.echo(f"{len(structures)} structures, {voxels:,} voxels, {liters:.2f} l in {output}")
    for source in _rows(report, "sources"):
        classes = source["classes"]
        claimed = sum(sum(c["painted"].values()) for c in classes)
        won = sum(c["won"] for c in classes)
        click.echo(
            f"  {source['source']}: {len(classes)} classes, {claimed:,} voxels claimed, "
            f"{won:,} kept"
        )
    _print_conflicts([c for c in _rows(report, "conflicts") if c["kind"] == "priority"])
    for anchor in _rows(report, "anchors"):
        if anchor["status"] != "fitted":
            click.echo(f"  {anchor['anchor']} {anchor['status']}: {anchor['reason']}")


def print_lost(report: Json) -> None:
    """Print what the target has no place for."""
    lost = _rows(report, "lost")
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


def _rows(report: Json, key: str) -> list[dict[str, Any]]:
    rows = report[key]
    if not isinstance(rows, list):
        raise TypeError(f"the report's `{key}` is not a list")
    return rows
