"""What rules still find in a result, the gravest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vesalius.adapters.cases.fail_on import SEVERITIES


def findings_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List what remains, the gravest first, in the order of the rules.

    Parameters
    ----------
    report : mapping
        Of a case.
    """
    found = [
        {**finding, "rule": row["rule"], "severity": row["severity"]}
        for row in report["outcomes"]
        for finding in row["remains"]
    ]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding["severity"]))
