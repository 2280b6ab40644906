"""Drawing cases for readers, the same ones for the same seed, each stratum by its share."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vesalius.adapters.measures.cohort_output import no_cohort, with_reports, written_cohort
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest

UNKNOWN = "unknown"
"""Stratum of cases of which a column is not known."""


@dataclass(frozen=True)
class SampledCase:
    """A case that may be drawn.

    Parameters
    ----------
    name : str
        Its name.
    known : mapping of str to str
        What cases are told apart by: verdict, and what the report knows of the patient.
    why : tuple of str
        Reasons of its verdict.
    labels : str
        Its label map.
    """

    name: str
    known: Mapping[str, str] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    labels: str = ""


def written_cases(folder: Path) -> list[SampledCase]:
    """List the cases of a cohort's output folder.

    Parameters
    ----------
    folder : Path
        What `vesalius run cohort.yaml -o` wrote.

    Raises
    ------
    DiagnosticError
        MEA013 where it is no such folder, or has no case; MEA016 where what is in it was changed.
    """
    record = written_cohort(folder, "MEA013")
    written = (row for row in record["cases"] if "labels" in row)
    cases = [_case(row, report) for row, report in with_reports(folder, written)]
    if not cases:
        raise no_cohort(folder, "no case of this cohort was written", "MEA013")
    return cases


def draw(
    cases: Sequence[SampledCase], n: int, seed: int, stratify: Sequence[str] = ()
) -> list[SampledCase]:
    """Draw cases without repetition.

    Every stratum gets its share of `n`, rounded by largest remainders, so that the sample is as the
    cohort is. The order of the given cases changes nothing.

    Parameters
    ----------
    cases : sequence of SampledCase
        To draw from.
    n : int
        How many; all where there are fewer.
    seed : int
        The same seed draws the same cases.
    stratify : sequence of str
        Columns that make the strata.

    Returns
    -------
    list of SampledCase
        By name.

    Raises
    ------
    DiagnosticError
        MEA013 for a column that no case knows.
    """
    known = sorted({column for case in cases for column in case.known})
    for column in stratify:
        if column not in known:
            hint = suggest(column, known) or f"known: {', '.join(known)}"
            text = f"no case knows `{column}`, so none can be drawn by it"
            raise DiagnosticError([Diagnostic("MEA013", "error", text, help=hint)])
    strata: dict[tuple[str, ...], list[SampledCase]] = {}
    for case in sorted(cases, key=lambda case: case.name):
        key = tuple(case.known.get(column, UNKNOWN) for column in stratify)
        strata.setdefault(key, []).append(case)
    dice = random.Random(seed)
    drawn: list[SampledCase] = []
    for key, number in _shares({k: len(v) for k, v in sorted(strata.items())}, n).items():
        drawn += dice.sample(strata[key], number)
    return sorted(drawn, key=lambda case: case.name)


def _shares(sizes: Mapping[tuple[str, ...], int], n: int) -> dict[tuple[str, ...], int]:
    """Part a number among strata by their sizes; the largest remainders are rounded up."""
    total = sum(sizes.values())
    n = min(n, total)
    exact = {key: n * size / total for key, size in sizes.items()}
    shares = {key: int(share) for key, share in exact.items()}
    left = n - sum(shares.values())
    # Of equal remainders the larger stratum, then the first by name.
    order = sorted(sizes, key=lambda key: (shares[key] - exact[key], -sizes[key], key))
    for key in order[:left]:
        shares[key] += 1
    return shares


def _case(row: Mapping[str, Any], report: Mapping[str, Any]) -> SampledCase:
    known = {str(key): str(value) for key, value in report["metadata"].items()}
    verdict = row["verdict"]
    return SampledCase(
        row["case"], {**known, "verdict": verdict["word"]}, tuple(verdict["reasons"]), row["labels"]
    )
