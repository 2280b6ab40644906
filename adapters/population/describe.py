"""A cohort described as a population: all its tables, and what could not be said and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.measures.measured_table import measured_table
from vesalius.adapters.measures.run_measures import Measurement
from vesalius.adapters.measures.table_schema import Cell
from vesalius.adapters.population.divergence import divergence_rows, score_rows
from vesalius.adapters.population.gate import limit_rows, outside_rows, rule_rate_rows
from vesalius.adapters.population.lesions import rate_rows
from vesalius.adapters.population.measure import LESIONS, STATS
from vesalius.adapters.population.names import TABLES
from vesalius.adapters.population.painted import painted_rows
from vesalius.adapters.population.people import People, count_rows, patient_rows
from vesalius.adapters.population.settings import read_settings
from vesalius.adapters.population.trends import Trend, trends
from vesalius.adapters.population.volumes import Figures
from vesalius.ontology.graph import Ontology

Rows = tuple[dict[str, Cell], ...]


@dataclass(frozen=True, eq=False)
class Population:
    """A cohort described.

    Parameters
    ----------
    people : People
        Who is in it.
    figures : Figures
        What was measured of them.
    tables : dict of str to rows
        By name, each of `TABLES`.
    trends : tuple of Trend
        Every fit.
    missing : dict of str to str
        Why a table has no rows.
    """

    people: People
    figures: Figures
    tables: dict[str, Rows]
    trends: tuple[Trend, ...]
    missing: dict[str, str] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Give what the report of the measurement says over all cases."""
        counts: dict[str, int] = {}
        for person in self.people.everyone:
            counts[person.status] = counts.get(person.status, 0) + 1
        selection = self.people.about["selection"]
        return {
            "cohort": self.people.cohort,
            "cases": dict(sorted(counts.items())),
            "selection": selection["rules"],
            "not_made": dict(self.missing),
            "settings": read_settings().model_dump(by_alias=True),
        }


def describe(
    people: People,
    made: Measurement,
    ontology: Ontology,
    against: Mapping[str, Figures] | None = None,
    limits: Sequence[Mapping[str, Any]] | None = None,
    seed: int = 0,
) -> Population:
    """Describe a cohort.

    Parameters
    ----------
    people : People
        Who is in it.
    made : Measurement
        What was measured of its cases.
    ontology : Ontology
        Systems of structures.
    against : mapping of str to Figures, optional
        Further datasets.
    limits : sequence of mapping, optional
        Rows of the table `limits` of a reference cohort; by default the cohort's own.
    seed : int
        Of permutations and resamples.
    """
    settings = read_settings()
    figures = Figures().add(made.rows(STATS))
    datasets = dict(figures.split({p.case: p.of("dataset") for p in people.written}))
    datasets.update(against or {})
    divergence = list(divergence_rows(datasets, settings.divergence, seed))
    fits = tuple(trends(people, figures, settings.trends, seed))
    own = list(limit_rows(figures, settings.limits))
    rows: dict[str, Iterable[dict[str, Cell]]] = {
        "patients": patient_rows(people),
        "patient_counts": count_rows(people),
        "source_structures": painted_rows(people, ontology),
        "divergence": divergence,
        "divergence_scores": score_rows(divergence),
        "age_trends": (fit.row() for fit in fits),
        "age_outliers": (row for fit in fits for row in fit.outliers(settings.limits.deviations)),
        "lesion_rates": rate_rows(people, list(made.rows(LESIONS)), settings.lesions.least_ml),
        "limits": own,
        "outside_limits": outside_rows(figures, own if limits is None else limits),
        "rule_rates": rule_rate_rows(people, settings.rates),
    }
    tables = {name: measured_table(name, list(rows[name])).rows for name in TABLES}
    missing = _missing(people, tables, datasets, lesions=LESIONS in made.job.tables)
    return Population(people, figures, tables, fits, missing)


def _missing(
    people: People, tables: Mapping[str, Rows], datasets: Mapping[str, Figures], *, lesions: bool
) -> dict[str, str]:
    """Say why tables have no rows."""
    settings = read_settings()
    found = {}
    if not tables["divergence"]:
        need = settings.divergence
        found["divergence"] = (
            f"no structure has {need.least_cases} uncut volumes in each of {need.least_datasets} "
            f"datasets; there {'is' if len(datasets) == 1 else 'are'} "
            f"{plural(len(datasets), 'dataset')}"
        )
    if not tables["age_trends"]:
        lacks = [fact for fact in ("age", "sex") if fact not in people.facts]
        found["age_trends"] = (
            f"the cohort's table has no column of the {' and the '.join(lacks)}"
            if lacks
            else f"no sex has {settings.trends.least_cases} patients of different age with an "
            "uncut structure"
        )
    if not tables["lesion_rates"]:
        found["lesion_rates"] = "no lesions in the masks" if lesions else "no lesion masks given"
    elif "diagnosis" not in people.facts:
        found["diagnosis"] = "the cohort's table has no column of the diagnosis"
    if not tables["limits"]:
        need_cases = settings.limits.least_cases
        found["limits"] = f"no structure has {need_cases} uncut volumes"
    if not tables["rule_rates"]:
        found["rule_rates"] = (
            f"no site, scanner or dataset to tell apart with {settings.rates.least_cases} cases "
            "each, or no rule fired"
        )
    return found
