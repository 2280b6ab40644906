"""Classes that ended under one integer of the target and can no longer be told apart.

Voxels without any place are the report's `lost`; what a scheme leaves out stands in the summary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vesalius.adapters.cases.report import report_rows
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import listing

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
    integers = {row["structure"]: row["integer"] for row in report_rows(report, "structures")}
    found: list[dict[str, str]] = []
    for source in report_rows(report, "sources"):
        ended: dict[tuple[int, str], list[tuple[Mapping[str, Any], int]]] = {}
        for each in source["classes"]:
            for structure, voxels in each["painted"].items():
                if voxels and integers.get(structure):
                    ended.setdefault((integers[structure], structure), []).append((each, voxels))
        found += [
            {
                "no longer told apart": f"{integer} {structure}",
                "classes": listing([_class(each) for each, _ in classes], SHOWN),
                "voxels": f"{sum(voxels for _, voxels in classes):,}",
            }
            for (integer, structure), classes in sorted(ended.items(), key=lambda item: item[0])
            if len(classes) > 1
        ]
    return found


def print_told_apart_no_more(report: Json) -> None:
    """Print a table, where there is something to say."""
    print_table(told_apart_no_more(report), right=("voxels",), more_follows=True)


def _class(row: Mapping[str, Any]) -> str:
    return f"{row['integer']} {row['name'] or ''}".rstrip()
