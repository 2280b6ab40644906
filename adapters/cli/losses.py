"""What a merge could not keep although the target has a place for it.

Voxels without any place are the report's `lost`. Here are the others: classes that were left
out or carry no opinion, and classes that ended under one integer and can no longer be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from vesalius.adapters.cases.rule_outcomes import Json
from vesalius.adapters.cli.tables import print_table

SHOWN = 6
"""Classes that are named in one row, and rows of classes that were left out."""


def left_out(report: Json) -> list[str]:
    """Tell which classes of the sources were left out or had no opinion, and why.

    Parameters
    ----------
    report : dict
        A `report/1`.

    Returns
    -------
    list of str
        A sentence per class, in the report's order.
    """
    chosen = {
        (choice["source"], choice["integer"]): f"{choice['key']} {choice['value'] or 'unknown'}"
        for choice in _rows(report, "choices")
    }
    found: list[str] = []
    for source in _rows(report, "sources"):
        for each in source["classes"]:
            why = chosen.get((source["source"], each["integer"]), "as its scheme says")
            for key, word in (("dropped", "dropped"), ("ignored", "not annotated, no opinion")):
                if each.get(key):
                    found.append(
                        f"{source['source']}: {_class(each)}, {each[key]:,} voxels {word} ({why})"
                    )
    return found


def told_apart_no_more(report: Json) -> list[dict[str, str]]:
    """List the integers of the output under which several classes of one source ended.

    Parameters
    ----------
    report : dict
        A `report/1`.

    Returns
    -------
    list of dict
        Rows of a table: what was written, which classes ended there, voxels of all of them.
    """
    integers = {row["structure"]: row["integer"] for row in _rows(report, "structures")}
    found: list[dict[str, str]] = []
    for source in _rows(report, "sources"):
        ended: dict[tuple[int, str], list[tuple[Mapping[str, Any], int]]] = {}
        for each in source["classes"]:
            for structure, voxels in each["painted"].items():
                if voxels and integers.get(structure):
                    ended.setdefault((integers[structure], structure), []).append((each, voxels))
        found += [
            {
                "no longer told apart": f"{integer} {structure}",
                "classes": _listed(_class(each) for each, _ in classes),
                "voxels": f"{sum(voxels for _, voxels in classes):,}",
            }
            for (integer, structure), classes in sorted(ended.items(), key=lambda item: item[0])
            if len(classes) > 1
        ]
    return found


def print_left_out(report: Json) -> None:
    """Print a line per class that was left out, the first few."""
    lines = left_out(report)
    for line in lines[:SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN:
        click.echo(f"  and {len(lines) - SHOWN} more classes left out, see the report")


def print_told_apart_no_more(report: Json) -> None:
    """Print a table, where there is something to say."""
    print_table(told_apart_no_more(report), right=("voxels",))


def _class(row: Mapping[str, Any]) -> str:
    return f"{row['integer']} {row['name'] or ''}".rstrip()


def _listed(classes: Iterable[str]) -> str:
    every = list(classes)
    more = len(every) - SHOWN
    return ", ".join(every[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _rows(report: Json, key: str) -> list[dict[str, Any]]:
    rows = report[key]
    if not isinstance(rows, list):
        raise TypeError(f"the report's `{key}` is not a list")
    return rows
