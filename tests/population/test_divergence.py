"""Jensen-Shannon divergence against its definition, and its baseline against theory."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.population.divergence import (
    bin_volumes,
    divergence_bits,
    divergence_rows,
    score_rows,
)
from vesalius.adapters.population.settings import DivergenceSettings
from vesalius.adapters.population.volumes import Figures

SETTINGS = DivergenceSettings(
    least_cases=5, least_datasets=3, bins=[16, 32], shown_bins=32, percentiles=[0.5, 99.5],
    permutations=99,
)  # fmt: skip


def by_definition(one: list[int], other: list[int], number: int) -> float:
    """Entropy of the mean less the mean of entropies, in bits."""

    def entropy(p):
        return -sum(x * np.log2(x) for x in p if x)

    p, q = ([sample.count(n) / len(sample) for n in range(number)] for sample in (one, other))
    mean = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return entropy(mean) - (entropy(p) + entropy(q)) / 2


def dataset(volumes, structure="spleen", cut=0, absent=0):
    rows = [
        {"case": f"c{n}", "structure": structure, "voxels": 9, "cut_at_border": False,
         "volume_ml": float(ml), "hu_mean": None}
        for n, ml in enumerate(volumes)
    ]  # fmt: skip
    rows += [{**rows[0], "cut_at_border": True, "volume_ml": 0.1}] * cut
    rows += [{**rows[0], "voxels": 0}] * absent
    return Figures().add(rows)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_divergence_and_not_its_root(seed):
    random = np.random.default_rng(seed)
    one, other = random.integers(0, 6, 20), random.integers(2, 8, 33)
    found = float(divergence_bits(one, other, 8))
    assert found == pytest.approx(by_definition(one.tolist(), other.tolist(), 8), abs=1e-12)


def test_equal_samples_have_none_and_disjoint_ones_a_whole_bit():
    one = np.array([0, 1, 1, 2])
    assert float(divergence_bits(one, one[::-1], 8)) == 0
    assert float(divergence_bits(one, one + 4, 8)) == pytest.approx(1)


def test_bins_are_shared_and_take_what_lies_beyond():
    one, other = bin_volumes([np.array([0.0, 10.0]), np.array([4.9, 5.1, 99.0])], 2, [0, 75])
    assert one.tolist() == [0, 1]
    assert other.tolist() == [0, 1, 1]
    assert bin_volumes([np.ones(3), np.ones(4)], 4, [0.5, 99.5]) is None


def test_of_one_population_the_divergence_is_the_baseline_that_theory_gives():
    random = np.random.default_rng(1)
    sets = {name: dataset(random.normal(200, 30, 120)) for name in "abc"}
    rows = [row for row in divergence_rows(sets, SETTINGS, 0) if row["bins"] == 16]
    # Of equal populations: (bins - 1) / (8 ln 2) x (1 / n + 1 / m); bins without cases have less.
    theory = 15 / (8 * np.log(2)) * 2 / 120
    for row in rows:
        assert row["baseline_bits"] == pytest.approx(theory, rel=0.25)
        assert abs(row["excess_bits"]) < 0.03
        assert row["p"] > 0.05


def test_a_dataset_that_is_shifted_stands_out_in_its_score():
    random = np.random.default_rng(2)
    sets = {name: dataset(random.normal(mean, 10, 40))
            for name, mean in (("a", 200), ("b", 200), ("c", 140))}  # fmt: skip
    rows = list(divergence_rows(sets, SETTINGS, 0))
    assert len(rows) == 3 * 2
    assert {(r["dataset"], r["other"]) for r in rows if r["p"] < 0.05} == {("a", "c"), ("b", "c")}
    scores = {r["dataset"]: r["excess_bits"] for r in score_rows(rows) if r["bins"] == 32}
    assert scores["c"] > 0.5 > scores["a"]
    assert list(divergence_rows(sets, SETTINGS, 0)) == rows


def test_two_datasets_or_too_few_cases_are_left_out_and_so_is_what_is_cut():
    volumes = np.arange(100.0, 110.0)
    two = {"a": dataset(volumes), "b": dataset(volumes)}
    assert not list(divergence_rows(two, SETTINGS, 0))
    few = {**two, "c": dataset(volumes[:4], cut=6, absent=3)}
    assert not list(divergence_rows(few, SETTINGS, 0))
    assert few["c"].cut == {"spleen": 6}
    assert few["c"].absent == {"spleen": 3}
    enough = {**two, "c": dataset(volumes[:5], cut=6)}
    assert {row["other_cases"] for row in divergence_rows(enough, SETTINGS, 0)} == {10, 5}
