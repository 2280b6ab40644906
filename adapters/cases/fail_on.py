"""Which findings make a command end with another exit code."""

from __future__ import annotations

from collections.abc import Mapping

SEVERITIES = ("error", "warning", "info")
"""From the gravest to the mildest."""
FAIL_ON = (*SEVERITIES, "exclude", "never")
"""What may be asked for: the mildest severity that counts, only a case that a rule leaves out (it
counts with each severity too), or nothing."""
FAIL_ON_HELP = "What gives exit code 1: the mildest finding, an excluded case alone, or nothing."


def fails(fail_on: str, findings: Mapping[str, int], excluded: bool) -> bool:
    """Tell whether what was found makes a command end with findings.

    Parameters
    ----------
    fail_on : str
        One of `FAIL_ON`.
    findings : mapping of str to int
        How many findings of each severity there are.
    excluded : bool
        Whether a rule leaves the case out.
    """
    if fail_on == "never":
        return False
    if excluded or fail_on == "exclude":
        return excluded
    return any(findings.get(s, 0) for s in SEVERITIES[: SEVERITIES.index(fail_on) + 1])
