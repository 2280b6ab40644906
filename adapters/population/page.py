"""A population as one page: plots and tables, each with what it shows and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.population.describe import Population
from vesalius.adapters.population.names import TABLES
from vesalius.adapters.population.people import UNKNOWN, Person
from vesalius.adapters.population.recovered import Effect
from vesalius.adapters.population.settings import read_settings
from vesalius.adapters.population.trends import Trend
from vesalius.adapters.report.charts import Curve, bars_svg, boxes_svg, curves_svg
from vesalius.adapters.report.fill import fill_page, templates

PAGE = "population.html"
_TRENDS_SHOWN = 12
_ROWS_SHOWN = 60
_UNITS: Mapping[str, str] = {"volume_ml": "ml", "hu_mean": "HU"}


def write_page(population: Population, folder: Path, effects: Sequence[Effect] = ()) -> Path:
    """Write the page of a population.

    Parameters
    ----------
    population : Population
        What was found.
    folder : Path
        Where; made if need be.
    effects : sequence of Effect
        What had been planted, in a cohort that was made.

    Raises
    ------
    DiagnosticError
        IO050, IO051 where it cannot be written.
    """
    environment = templates(Path(__file__).parent / "templates")
    context = page_context(population)
    context["effects"] = list(effects)
    with Outputs(folder) as outputs:
        outputs.write_text(
            folder / PAGE, fill_page(environment, PAGE, context, population.people.cohort)
        )
    return folder / PAGE


def page_context(population: Population) -> dict[str, Any]:
    """Give what the template is filled with."""
    people, tables = population.people, population.tables
    status = Counter(person.status for person in people.everyone)
    return {
        "cohort": people.cohort,
        "status": status,
        "left_out": [person for person in people.everyone if person.why],
        "selection": people.about["selection"],
        "people_plots": _people_plots(people.written, people.facts),
        "systems": _systems(tables["source_structures"]),
        "sources": [row["source"] for row in people.about["sources"]],
        "divergence": _divergence(tables["divergence_scores"]),
        "pairs": _apart(tables["divergence"]),
        "trends": [_trend(fit) for fit in _clearest(population.trends)],
        "fitted": len(population.trends),
        "age_outliers": _furthest(tables["age_outliers"], "deviations"),
        "lesions": _lesions(tables["lesion_rates"]),
        "outside": _by_case(tables["outside_limits"]),
        "rates": [row for row in tables["rule_rates"] if row["stands_out"]],
        "tested": len(tables["rule_rates"]),
        # A table may have rows of which none is worth showing: then there is no reason.
        "missing": {**dict.fromkeys(TABLES, ""), **population.missing},
        "settings": read_settings(),
    }


def _people_plots(written: Sequence[Person], facts: frozenset[str]) -> list[str]:
    plots = []
    if "age" in facts:
        bands = sorted({person.age_band for person in written})
        plots.append(_bars(written, bands, "age_band", "sex", "Age by sex", "age, years"))
    if "diagnosis" in facts:
        groups = sorted({person.of("diagnosis") for person in written})
        plots.append(_bars(written, groups, "diagnosis", "sex", "Diagnoses by sex", "diagnosis"))
        if "age" in facts:
            bands = sorted({person.age_band for person in written})
            plots.append(
                _bars(written, bands, "age_band", "diagnosis", "Diagnoses by age", "age, years")
            )
    return plots


def _bars(
    written: Sequence[Person], groups: Sequence[str], across: str, parts: str, title: str, axis: str
) -> str:
    def of(person: Person, what: str) -> str:
        return person.age_band if what == "age_band" else person.of(what)

    counts = Counter((of(person, across), of(person, parts)) for person in written)
    names = sorted({part for _, part in counts}, key=lambda name: (name == UNKNOWN, name))
    series = {name: [counts[group, name] for group in groups] for name in names}
    return bars_svg(groups, series, title, axis)


def _systems(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, dict[str, tuple[int, int]]]]:
    """Count by system and source the structures that are planned, and those that were painted."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in rows:
        planned, painted = found.setdefault(row["system"], {}).get(row["source"], (0, 0))
        found[row["system"]][row["source"]] = (
            planned + bool(row["planned"]), painted + bool(row["painted_cases"])
        )  # fmt: skip
    return sorted(found.items())


def _divergence(rows: Sequence[Mapping[str, Any]]) -> str | None:
    shown = read_settings().divergence.shown_bins
    samples: dict[str, list[float]] = {}
    for row in rows:
        if row["bins"] == shown:
            samples.setdefault(row["dataset"], []).append(row["excess_bits"])
    title = "Divergence of volumes from the other datasets"
    return boxes_svg(samples, title, "bits above chance, by structure") if samples else None


def _apart(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    shown = read_settings().divergence.shown_bins
    found = [row for row in rows if row["bins"] == shown]
    return sorted(found, key=lambda row: (row["p"], -row["excess_bits"]))[:12]


def _clearest(fits: Sequence[Trend]) -> list[list[Trend]]:
    """Choose what goes with age most clearly; both sexes of it stand together."""
    together: dict[tuple[str, str], list[Trend]] = {}
    for fit in fits:
        together.setdefault((fit.structure, fit.measure), []).append(fit)
    order = sorted(
        together.values(), key=lambda of: -float(np.mean([fit.explained or 0.0 for fit in of]))
    )
    return order[:_TRENDS_SHOWN]


def _trend(fits: Sequence[Trend]) -> dict[str, Any]:
    first = fits[0]
    unit = _UNITS[first.measure]
    curves, words = [], []
    for fit in fits:
        line = np.linspace(fit.ages.min(), fit.ages.max(), 40)
        at = dict(zip(fit.cases, fit.ages.tolist(), strict=True))
        far = list(fit.outliers(read_settings().limits.deviations))
        named = [(str(r["case"]), at[str(r["case"])], float(r["value"] or 0.0)) for r in far]
        curves.append(
            Curve(fit.sex, fit.ages.tolist(), fit.values.tolist(), line.tolist(),
                  fit.at(line).tolist(), named)
        )  # fmt: skip
        low, high = fit.intervals["curvature"]
        text = (
            f"{fit.sex}: curvature {fit.coefficients[2]:.3g} {unit}/year² ({low:.3g} to {high:.3g})"
        )
        if fit.vertex_age is not None:
            low, high = fit.intervals["vertex"]
            what = "peak" if fit.coefficients[2] < 0 else "trough"
            text += f", {what} at {fit.vertex_age:.0f} years ({low:.0f} to {high:.0f})"
        words.append(text)
    name = f"{first.structure.replace('_', ' ')}, {unit}"
    return {"name": name, "svg": curves_svg(curves, name, "age, years", unit), "words": words}


def _lesions(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not rows:
        return None
    least = min(row["least_ml"] for row in rows)
    diagnoses = list(dict.fromkeys(row["diagnosis"] for row in rows))
    of = {(r["structure"], r["diagnosis"]): r for r in rows if r["least_ml"] == least}
    totals = Counter({name: 0 for name, _ in of})
    for (name, _), row in of.items():
        totals[name] += row["touched"]
    structures = [name for name, _ in totals.most_common(25)]
    return {
        "diagnoses": diagnoses,
        "patients": [of[structures[0], diagnosis]["patients"] for diagnosis in diagnoses],
        "rows": [(name, [of[name, diagnosis] for diagnosis in diagnoses]) for name in structures],
        "more": max(0, len(totals) - len(structures)),
        "least": [f"{ml:g}" for ml in sorted({row["least_ml"] for row in rows})],
    }


def _by_case(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["case"], []).append(row)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:_ROWS_SHOWN]


def _furthest(rows: Sequence[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: -abs(row[key]))[:_ROWS_SHOWN]
