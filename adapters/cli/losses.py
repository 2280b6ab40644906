"""Classes that ended under one integer of the target and can no longer be told apart.

Voxels without any place are the report's `lost`; what a scheme leaves out stands in the summary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vesalius.adapters.cases.rule_outcomes import Json
from vesalius.adapters.cli.tables import print_table

SHOWN = 6
"""Classes that are named in one row."""


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
