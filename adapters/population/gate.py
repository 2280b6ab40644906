"""The quality gate: what is usual, which cases fall out, where rules fire more than elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import false_discovery_control, fisher_exact, median_abs_deviation

from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.table_files import read_csv
from vesalius.adapters.measures.table_schema import Cell
from vesalius.adapters.population.lesions import share
from vesalius.adapters.population.people import UNKNOWN, People, Person
from vesalius.adapters.population.settings import LimitSettings, RateSettings
from vesalius.adapters.population.volumes import Figures
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

WHERE = ("site", "scanner", "dataset")
"""Facts by which rates of rules are told apart."""
LIMITS = "limits"


def limit_rows(figures: Figures, settings: LimitSettings) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `limits`: robust limits of each structure's volume.

    Volumes are compared by their logarithm: median, and the median absolute deviation as scipy
    scales it for a normal distribution.

    Parameters
    ----------
    figures : Figures
        Of the cohort.
    settings : LimitSettings
        How many cases it needs, and how far is unusual.
    """
    for structure in figures.rows:
        volumes = figures.of(structure, "volume_ml")
        if volumes.size < settings.least_cases:
            continue
        logs = np.log(volumes)
        middle = float(np.median(logs))
        reach = settings.deviations * float(median_abs_deviation(logs, scale="normal"))
        yield {
            "structure": structure,
            "cases": int(volumes.size),
            "median_ml": rounded(float(np.exp(middle))),
            "low_ml": rounded(float(np.exp(middle - reach))),
            "high_ml": rounded(float(np.exp(middle + reach))),
        }


def read_limits(path: Path) -> list[dict[str, Any]]:
    """Read the limits of a reference cohort.

    Parameters
    ----------
    path : Path
        The ``limits.csv`` that another cohort was given, or the folder that has it.

    Raises
    ------
    DiagnosticError
        POP006 where it cannot be read, or has no limit.
    """
    file = path / f"{LIMITS}.csv" if path.is_dir() else path
    try:
        rows: list[dict[str, Any]] = [dict(row) for row in read_csv(LIMITS, file)]
        usable = bool(rows) and all(row["low_ml"] <= row["high_ml"] for row in rows)
        why = "it has no limits" if not rows else "a low limit lies above a high one"
    except (OSError, KeyError, ValueError, TypeError) as failed:
        usable = False
        why = getattr(failed, "strerror", None) or f"it has not the columns of `{LIMITS}`"
    if not usable:
        text = f"these limits cannot be used: {why}"
        hint = "give a limits.csv that `vesalius population -o` wrote, or its folder"
        raise DiagnosticError([Diagnostic("POP006", "error", text, path=str(file), help=hint)])
    return rows


def outside_rows(
    figures: Figures, limits: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `outside_limits`, the furthest first in each structure."""
    of = {row["structure"]: row for row in limits}
    for structure in figures.rows:
        if structure not in of:
            continue
        low, middle, high = (of[structure][key] for key in ("low_ml", "median_ml", "high_ml"))
        pairs = zip(figures.cases(structure), figures.of(structure, "volume_ml"), strict=True)
        found = [(case, float(ml)) for case, ml in pairs if not low <= ml <= high]
        for case, ml in sorted(found, key=lambda each: -abs(np.log(each[1] / middle))):
            yield {
                "case": case, "structure": structure, "volume_ml": rounded(ml), "low_ml": low,
                "high_ml": high, "median_ml": middle, "is_low": bool(ml < low),
            }  # fmt: skip


def rule_rate_rows(people: People, settings: RateSettings) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `rule_rates`: how often each rule fires at each site.

    A rule stands out at a site if it fires there more often than elsewhere: Fisher's exact test,
    one-sided, adjusted for all rules and sites by Benjamini and Hochberg.

    Parameters
    ----------
    people : People
        What fired in each case.
    settings : RateSettings
        How many cases a site needs, and from which adjusted p on it stands out.
    """
    for fact in WHERE:
        rows = [row for row in _rates(people.written, fact) if row["cases"] >= settings.least_cases]
        tested = [row for row in rows if row["p"] is not None]
        p_values = np.array([row["p"] for row in tested], dtype=np.float64)
        adjusted = false_discovery_control(p_values) if tested else p_values
        for row, p in zip(tested, adjusted, strict=True):
            row["adjusted_p"] = rounded(float(p))
            row["stands_out"] = bool(p < settings.false_discovery)
        yield from rows


def _rates(persons: Sequence[Person], fact: str) -> Iterator[dict[str, Any]]:
    values = sorted({person.of(fact) for person in persons} - {UNKNOWN})
    if len(values) < 2:
        return
    rules = dict.fromkeys(rule for person in persons for rule in person.fired)
    for rule in rules:
        judged = [p for p in persons if rule in p.fired and p.of(fact) != UNKNOWN]
        if not any(person.fired[rule] for person in judged):
            continue
        for value in values:
            here = [person.fired[rule] for person in judged if person.of(fact) == value]
            others = [person.fired[rule] for person in judged if person.of(fact) != value]
            if not here:
                continue
            p = _p_more(here, others) if others else None
            yield {
                "by": fact, "value": value, "rule": rule, "fired": sum(here), "cases": len(here),
                **share(sum(here), len(here)), "elsewhere_fired": sum(others),
                "elsewhere_cases": len(others), "p": rounded(p), "adjusted_p": None,
                "stands_out": False,
            }  # fmt: skip


def _p_more(here: Sequence[bool], others: Sequence[bool]) -> float:
    """Give the p that something happens here more often than elsewhere (Fisher's exact test)."""
    counts = [[sum(of), len(of) - sum(of)] for of in (here, others)]
    return float(fisher_exact(np.array(counts), alternative="greater").pvalue)
