"""What the figures of a population need, as `population.yaml` declares it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.validation import validated


class Ages(Form):
    """How ages are put together."""

    band_years: int


class DivergenceSettings(Form):
    """How distributions of volumes are compared."""

    least_cases: int
    least_datasets: int
    bins: list[int]
    shown_bins: int
    percentiles: list[float]
    permutations: int


class TrendSettings(Form):
    """How figures are fitted against age."""

    least_cases: int
    resamples: int
    level: float


class LesionSettings(Form):
    """From how much of a lesion on a structure is touched."""

    least_ml: list[float]


class LimitSettings(Form):
    """What is usual."""

    least_cases: int
    deviations: float


class RateSettings(Form):
    """When a rule stands out at a site."""

    least_cases: int
    false_discovery: float


class PopulationSettings(Form):
    """All of it."""

    schema_: Annotated[Literal["population/1"], Field(alias="schema")]
    ages: Ages
    divergence: DivergenceSettings
    trends: TrendSettings
    lesions: LesionSettings
    limits: LimitSettings
    rates: RateSettings


@lru_cache(maxsize=1)
def read_settings() -> PopulationSettings:
    """Read `population.yaml`.

    Raises
    ------
    DiagnosticError
        With every problem of the file.
    """
    path = Path(__file__).with_name("population.yaml")
    return validated(PopulationSettings, load_document(path))
