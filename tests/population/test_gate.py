"""Limits, what falls out, and rules that fire more at one site, against plain sums."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from vesalius.adapters.measures.table_files import csv_text
from vesalius.adapters.population.gate import (
    limit_rows,
    outside_rows,
    read_limits,
    rule_rate_rows,
)
from vesalius.adapters.population.settings import LimitSettings, RateSettings
from vesalius.adapters.population.volumes import Figures

LIMITS = LimitSettings(least_cases=8, deviations=4.0)
RATES = RateSettings(least_cases=3, false_discovery=0.05)


def figures(volumes):
    return Figures().add(
        {"case": f"c{n}", "structure": "spleen", "voxels": 9, "cut_at_border": False,
         "volume_ml": float(ml), "hu_mean": None}
        for n, ml in enumerate(volumes)
    )  # fmt: skip


def test_limits_are_robust_and_a_case_outside_is_named():
    volumes = [*np.exp(np.random.default_rng(0).normal(5, 0.1, 30)), 900.0, 5.0]
    (row,) = limit_rows(figures(volumes), LIMITS)
    logs = np.log(volumes)
    middle = np.median(logs)
    # 0.67449 is the upper quartile of a normal distribution.
    reach = 4 * np.median(np.abs(logs - middle)) / 0.6744897501960817
    assert row["median_ml"] == pytest.approx(np.exp(middle))
    assert (row["low_ml"], row["high_ml"]) == pytest.approx(
        (np.exp(middle - reach), np.exp(middle + reach))
    )
    out = list(outside_rows(figures(volumes), [row]))
    assert [(each["case"], each["is_low"]) for each in out] == [("c31", True), ("c30", False)]


def test_seven_cases_have_no_limits():
    assert not list(limit_rows(figures(range(100, 107)), LIMITS))
    assert list(limit_rows(figures(range(100, 108)), LIMITS))


def test_limits_of_another_cohort_are_read_back(tmp_path):
    rows = list(limit_rows(figures(range(100, 120)), LIMITS))
    (tmp_path / "limits.csv").write_text(csv_text("limits", rows))
    assert read_limits(tmp_path) == rows == read_limits(tmp_path / "limits.csv")
    (out,) = outside_rows(figures([5000.0]), read_limits(tmp_path))
    assert out["case"] == "c0"


def test_a_rule_that_fires_at_one_site_alone_stands_out_there(people):
    fired = {"north": [True] * 5, "south": [False] * 5, "west": [False] * 4, "tiny": [True] * 2}
    rows = [
        {"case": f"{site}{n}", "site": site, "fired": {"a/bad": did, "a/quiet": False}}
        for site, of in fired.items()
        for n, did in enumerate(of)
    ]
    found = {row["value"]: row for row in rule_rate_rows(people(*rows), RATES)}
    # Two cases are too few for a row of their own; they count as elsewhere.
    assert set(found) == {"north", "south", "west"}
    north = found["north"]
    assert (north["fired"], north["cases"]) == (5, 5)
    assert (north["elsewhere_fired"], north["elsewhere_cases"]) == (2, 11)
    # All seven that fired in 16 cases, at least five of them in the five of the site.
    p = comb(11, 2) / comb(16, 7)
    assert north["p"] == pytest.approx(p, abs=1e-6)
    assert [value for value, row in found.items() if row["stands_out"]] == ["north"]


def test_a_rule_that_fires_everywhere_does_not(people):
    rows = [
        {"case": f"{site}{n}", "site": site, "fired": {"a/bad": True}}
        for site in ("north", "south")
        for n in range(9)
    ]
    assert not [row for row in rule_rate_rows(people(*rows), RATES) if row["stands_out"]]
