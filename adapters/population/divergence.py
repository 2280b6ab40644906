"""How far the volumes of datasets are apart: Jensen-Shannon divergence, with a baseline.

The divergence itself, base 2, from 0 (equal) to 1 (nothing in common), not its square root.
A small sample looks distant by chance alone; the baseline is the divergence of the same numbers of
cases drawn from both datasets together, by permutation. Distances and permutations are scipy's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import permutation_test

from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.table_schema import Cell
from vesalius.adapters.population.settings import DivergenceSettings
from vesalius.adapters.population.volumes import Figures, Floats

Bins = NDArray[np.int64]


def divergence_bits(one: Bins, other: Bins, number: int, axis: int = -1) -> Any:  # noqa: ANN401
    """Give the Jensen-Shannon divergence of two samples of bin numbers.

    Parameters
    ----------
    one, other : ndarray of int, shape (..., n)
        Bin of each value, from 0.
    number : int
        How many bins there are.
    axis : int
        Along which the values lie.

    Returns
    -------
    ndarray of float, shape (...)
        From 0 to 1.
    """
    p, q = (_histogram(np.moveaxis(x, axis, -1), number) for x in (one, other))
    return jensenshannon(p, q, base=2, axis=-1) ** 2


def bin_volumes(
    samples: Sequence[Floats], number: int, percentiles: Sequence[float]
) -> list[Bins] | None:
    """Sort the volumes of all datasets into bins that they share.

    Parameters
    ----------
    samples : sequence of ndarray, shape (n,)
        Volumes of each dataset.
    number : int
        Of bins, of equal width.
    percentiles : two float
        Of all volumes: the first and the last edge. What lies beyond is in the end bins.

    Returns
    -------
    list of ndarray of int, shape (n,), or None
        None where all volumes are equal.
    """
    low, high = np.percentile(np.concatenate(samples), percentiles)
    if low == high:
        return None
    inner = np.linspace(low, high, number + 1)[1:-1]
    return [np.searchsorted(inner, sample, side="right") for sample in samples]


def divergence_rows(
    datasets: Mapping[str, Figures], settings: DivergenceSettings, seed: int
) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `divergence`: every pair of datasets, structure and bins.

    Parameters
    ----------
    datasets : mapping of str to Figures
        By name.
    settings : DivergenceSettings
        What a dataset needs to take part.
    seed : int
        Of the permutations.
    """
    structures = sorted({name for figures in datasets.values() for name in figures.rows})
    for structure in structures:
        found = {name: of.of(structure, "volume_ml") for name, of in datasets.items()}
        samples = {n: v for n, v in found.items() if v.size >= settings.least_cases}
        if len(samples) < settings.least_datasets:
            continue
        for number in settings.bins:
            binned = bin_volumes([*samples.values()], number, settings.percentiles)
            if binned is None:
                continue
            of = dict(zip(samples, binned, strict=True))
            for one, other in combinations(sorted(of), 2):
                row = _pair(of[one], of[other], number, settings.permutations, seed)
                yield {
                    "structure": structure, "dataset": one, "other": other, "bins": number,
                    "cases": int(of[one].size), "other_cases": int(of[other].size), **row,
                }  # fmt: skip


def score_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `divergence_scores`: mean over the other datasets."""
    found: dict[tuple[str, str, int], list[Mapping[str, Any]]] = {}
    for row in rows:
        for name in (row["dataset"], row["other"]):
            found.setdefault((row["structure"], name, row["bins"]), []).append(row)
    for (structure, dataset, bins), pairs in sorted(found.items()):
        yield {
            "structure": structure,
            "dataset": dataset,
            "bins": bins,
            "others": len(pairs),
            "divergence_bits": rounded(float(np.mean([p["divergence_bits"] for p in pairs]))),
            "excess_bits": rounded(float(np.mean([p["excess_bits"] for p in pairs]))),
        }


def _pair(one: Bins, other: Bins, number: int, permutations: int, seed: int) -> dict[str, Cell]:
    def statistic(x: Bins, y: Bins, axis: int = -1) -> Any:  # noqa: ANN401
        return divergence_bits(x, y, number, axis)

    test = permutation_test(
        (one, other), statistic, vectorized=True, n_resamples=permutations,
        alternative="greater", random_state=np.random.default_rng(seed),
    )  # fmt: skip
    value, baseline = float(test.statistic), float(np.mean(test.null_distribution))
    return {
        "divergence_bits": rounded(value),
        "baseline_bits": rounded(baseline),
        "excess_bits": rounded(value - baseline),
        "p": rounded(float(test.pvalue)),
    }


def _histogram(bins: Bins, number: int) -> Floats:
    return np.stack([(bins == n).sum(axis=-1) for n in range(number)], axis=-1).astype(np.float64)
