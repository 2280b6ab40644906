"""The effects that the demo cohort has planted in it, as its YAML declares them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.validation import validated


class Parabola(Form):
    """A volume that rises and falls with age."""

    structure: str
    peak_ml: float
    at_age_years: float
    fall_ml_per_years2: float
    noise_sd_ml: float
    share_of_sex: Mapping[str, float]

    def volume_ml(self, age_years: float, sex: str) -> float:
        """Give the volume without noise."""
        fallen = self.fall_ml_per_years2 * (age_years - self.at_age_years) ** 2
        return (self.peak_ml - fallen) * self.share_of_sex[sex]


class Shift(Form):
    """A volume that one dataset has smaller than the others."""

    structure: str
    typical_ml: float
    noise_sd_ml: float
    factor: Mapping[str, float]


class Lesions(Form):
    """How likely patients with a diagnosis have a lesion in a structure."""

    structure: str
    elsewhere: str
    diameter_mm: float
    voxel_mm: float
    rate: Mapping[str, float]


class Mirrored(Form):
    """A case whose predictions are mirrored, and the rules that say so."""

    case: str
    rule: str


class Stray(Form):
    """A piece of one structure inside another, in every case of one site."""

    site: str
    structure: str
    inside: str
    radius_voxels: int


class Planted(Form):
    """Everything that is planted, and where."""

    schema_: Annotated[Literal["demo-cohort/1"], Field(alias="schema")]
    cohort: str
    target: str
    sources: list[str]
    rules: str
    spacing_mm: float
    cases: int
    age_years: list[int]
    datasets: list[str]
    sites: list[str]
    scanners: list[str]
    parabola: Parabola
    shift: Shift
    lesions: Lesions
    mirrored: Mirrored
    stray: Stray


@lru_cache(maxsize=1)
def read_planted() -> Planted:
    """Read `demo_cohort.yaml`.

    Raises
    ------
    DiagnosticError
        With every problem of the file.
    """
    return validated(Planted, load_document(Path(__file__).with_name("demo_cohort.yaml")))
