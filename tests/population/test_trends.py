"""Parabolas against numpy's polyfit, planted ones within their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.population.settings import TrendSettings
from vesalius.adapters.population.trends import fit_trend, trends
from vesalius.adapters.population.volumes import Figures

SETTINGS = TrendSettings(least_cases=10, resamples=299, level=0.95)


def fitted(ages, values, seed=0):
    names = tuple(f"c{n}" for n in range(len(ages)))
    return fit_trend("liver", "volume_ml", "female", names, ages, values, SETTINGS, seed)


def test_coefficients_are_those_of_polyfit():
    random = np.random.default_rng(0)
    ages = random.uniform(20, 90, 40)
    values = 900 - 0.2 * (ages - 50) ** 2 + random.normal(0, 60, 40)
    found = fitted(ages, values)
    assert found.coefficients == pytest.approx(np.polyfit(ages, values, 2)[::-1], rel=1e-8)
    left = values - np.polyval(np.polyfit(ages, values, 2), ages)
    assert found.explained == pytest.approx(1 - left.var() / values.var())


def test_a_planted_parabola_lies_in_its_intervals_and_a_line_has_no_vertex():
    random = np.random.default_rng(3)
    ages = np.linspace(20, 90, 60)
    bent = fitted(ages, 900 - 0.2 * (ages - 50) ** 2 + random.normal(0, 40, 60))
    low, high = bent.intervals["curvature"]
    assert low < -0.2 < high < 0
    low, high = bent.intervals["vertex"]
    assert low < 50 < high
    assert low < bent.vertex_age < high
    line = fitted(ages, 300 - 2 * ages + random.normal(0, 20, 60))
    low, high = line.intervals["curvature"]
    assert low < 0 < high
    assert line.vertex_age is None
    assert line.row()["vertex_age_years"] is None


def test_an_outlier_is_named_with_what_its_age_suggests():
    random = np.random.default_rng(4)
    ages = np.linspace(20, 90, 60)
    values = 300 - ages + random.normal(0, 5, 60)
    values[30] += 200
    (row,) = fitted(ages, values).outliers(6.0)
    assert row["case"] == "c30"
    assert row["expected"] == pytest.approx(300 - ages[30], abs=15)
    assert row["deviations"] > 20


def test_each_sex_is_fitted_by_itself_and_too_few_or_unknown_are_not(people):
    random = np.random.default_rng(5)
    rows = [
        {"case": f"{sex}{n}", "sex": sex, "age_years": 20.0 + 5 * n}
        for sex, number in (("female", 12), ("male", 9), ("unknown", 12))
        for n in range(number)
    ]
    rows.append({"case": "ageless", "sex": "female", "age_years": None})
    figures = Figures().add(
        {"case": row["case"], "structure": "liver", "voxels": 9, "cut_at_border": False,
         "volume_ml": 1000 + random.normal(), "hu_mean": None}
        for row in rows
    )  # fmt: skip
    (only,) = trends(people(*rows), figures, SETTINGS, 0)
    assert (only.sex, only.measure, len(only.cases)) == ("female", "volume_ml", 12)
