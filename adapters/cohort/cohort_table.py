"""The cases of a cohort as a table, one row each, for a spreadsheet."""

from __future__ import annotations

from typing import Any

from vesalius.adapters.cases.report import report_rows
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.files.csv_lines import csv_lines

COLUMNS = (
    "case", "status", "verdict", "errors", "warnings", "infos", "worst", "worst_rule",
    "worst_finding", "rules_changed", "voxels_changed", "ml_changed", "excluded_by", "why",
    "doubts", "labels", "report",
)  # fmt: skip


def cohort_table(report: Json) -> str:
    """Write the cases of a cohort's report as CSV.

    Parameters
    ----------
    report : dict
        What `build_cohort_report` gives.

    Returns
    -------
    str
        A row of `COLUMNS`, then one row a case in the order of the report. `why` says why a case
        is excluded or to be looked at, or else why it could not be run; `doubts` has the warnings
        about its files.
    """
    return "".join(csv_lines(COLUMNS, map(table_row, report_rows(report, "cases"))))


def table_row(case: dict[str, Any]) -> dict[str, object]:
    """Give the values of a case by column; see :func:`cohort_table`."""
    row: dict[str, object] = {
        key: case[key] for key in ("case", "status", "labels", "report") if key in case
    }
    if "summary" not in case:
        problems = [problem["message"] for problem in case.get("problems", ())]
        return {**row, "why": case.get("why", "; ".join(problems))}
    summary, verdict = case["summary"], case["verdict"]
    worst = summary["worst"] or {"severity": "", "rule": "", "message": ""}
    counts = summary["findings"]
    return {
        **row,
        "verdict": verdict["word"],
        "errors": counts["error"],
        "warnings": counts["warning"],
        "infos": counts["info"],
        "worst": worst["severity"],
        "worst_rule": worst["rule"],
        "worst_finding": worst["message"],
        "rules_changed": summary["rules_changed"],
        "voxels_changed": summary["voxels_changed"],
        "ml_changed": f"{summary['ml_changed']:.3f}",
        "excluded_by": "; ".join(case["excluded_by"]),
        "why": "; ".join(verdict["reasons"]),
        # A record of an earlier version has none.
        "doubts": "; ".join(f"{d['code']}: {d['message']}" for d in case.get("doubts", ())),
    }
