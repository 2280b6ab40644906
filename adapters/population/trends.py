"""Volume and density against age, for each sex: a parabola by least squares, with intervals.

The intervals are those of scipy's bootstrap over patients (percentile). A vertex is given only
where the interval of the curvature leaves 0 out; else there is none to speak of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import bootstrap, median_abs_deviation

from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.table_schema import Cell
from vesalius.adapters.population.people import SEXES, People
from vesalius.adapters.population.settings import TrendSettings
from vesalius.adapters.population.volumes import MEASURES, Figures, Floats


@dataclass(frozen=True, eq=False)
class Trend:
    """A parabola ``a + b age + c age^2`` through one measure of one structure and sex.

    Parameters
    ----------
    structure, measure, sex : str
    cases : tuple of str
        Patients, in the order of `ages` and `values`.
    ages, values : ndarray, shape (n,)
    coefficients : tuple of float
        a, b, c.
    intervals : dict of str to (float, float)
        Of "curvature", and of "vertex" where there is one.
    """

    structure: str
    measure: str
    sex: str
    cases: tuple[str, ...]
    ages: Floats
    values: Floats
    coefficients: tuple[float, float, float]
    intervals: Mapping[str, tuple[float, float]]

    def at(self, ages: Floats) -> Floats:
        """Give the parabola at some ages."""
        a, b, c = self.coefficients
        return np.asarray(a + b * ages + c * ages**2)

    @property
    def vertex_age(self) -> float | None:
        """Age at the peak or the trough; None where the curvature may be 0."""
        _, b, c = self.coefficients
        return -b / (2 * c) if "vertex" in self.intervals else None

    @property
    def explained(self) -> float | None:
        """Share of the variance that the parabola explains; None where nothing varies."""
        spread = float(((self.values - self.values.mean()) ** 2).sum())
        left = float(((self.values - self.at(self.ages)) ** 2).sum())
        return 1 - left / spread if spread else None

    def row(self) -> dict[str, Cell]:
        """Give its row of the table `age_trends`."""
        a, b, c = (rounded(float(value)) for value in self.coefficients)
        curvature, vertex = self.intervals["curvature"], self.intervals.get("vertex")
        return {
            "structure": self.structure, "measure": self.measure, "sex": self.sex,
            "patients": len(self.cases), "intercept": a, "per_year": b, "per_year2": c,
            "per_year2_low": rounded(curvature[0]), "per_year2_high": rounded(curvature[1]),
            "vertex_age_years": rounded(self.vertex_age),
            "vertex_low_years": None if vertex is None else rounded(vertex[0]),
            "vertex_high_years": None if vertex is None else rounded(vertex[1]),
            "explained_share": rounded(self.explained),
        }  # fmt: skip

    def outliers(self, deviations: float) -> Iterator[dict[str, Cell]]:
        """Give the rows of the table `age_outliers`: patients far off the parabola."""
        off = self.values - self.at(self.ages)
        spread = float(median_abs_deviation(off, scale="normal"))
        for case, value, expected, by in zip(
            self.cases, self.values, self.at(self.ages), off, strict=True
        ):
            if spread and abs(by) > deviations * spread:
                yield {
                    "structure": self.structure, "measure": self.measure, "sex": self.sex,
                    "case": case, "value": rounded(float(value)),
                    "expected": rounded(float(expected)), "deviations": rounded(float(by / spread)),
                }  # fmt: skip


def trends(people: People, figures: Figures, settings: TrendSettings, seed: int) -> Iterator[Trend]:
    """Fit every measure of every structure, for each sex that has enough patients."""
    known = {p.case: p for p in people.written if p.age_years is not None}
    for structure in figures.rows:
        cases = figures.cases(structure)
        for measure in MEASURES:
            values = figures.of(structure, measure)
            for sex in SEXES:
                rows = [
                    (case, float(known[case].age_years or 0.0), value)
                    for case, value in zip(cases, values, strict=True)
                    if case in known and known[case].sex == sex and np.isfinite(value)
                ]
                if len({age for _, age, _ in rows}) >= settings.least_cases:
                    names, ages, of = zip(*rows, strict=True)
                    yield fit_trend(structure, measure, sex, names, np.array(ages), np.array(of),
                                    settings, seed)  # fmt: skip


def fit_trend(
    structure: str,
    measure: str,
    sex: str,
    cases: tuple[str, ...],
    ages: Floats,
    values: Floats,
    settings: TrendSettings,
    seed: int,
) -> Trend:
    """Fit a parabola.

    Parameters
    ----------
    structure, measure, sex : str
        What it is of.
    cases : tuple of str
        Names of the patients.
    ages, values : ndarray, shape (n,)
        In years, and in the unit of the measure.
    settings : TrendSettings
        Resamples and level of the intervals.
    seed : int
        Of the resamples.
    """
    centre, scale = float(ages.mean()), float(ages.std())

    def in_years(fitted: Any) -> Any:  # noqa: ANN401
        """Turn coefficients of the standardised age into those of the age."""
        a, b, c = fitted[..., 0], fitted[..., 1], fitted[..., 2]
        b, c = b / scale, c / scale**2
        return np.stack([a - b * centre + c * centre**2, b - 2 * c * centre, c], axis=-1)

    def shape(x: Floats, y: Floats, axis: int = -1) -> Any:  # noqa: ANN401
        _, b, c = np.moveaxis(in_years(_fit((x - centre) / scale, y)), -1, 0)
        # A straight resample has its vertex at infinity.
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.stack([c, -b / (2 * c)])

    found = bootstrap(
        (ages, values), shape, paired=True, vectorized=True, method="percentile",
        n_resamples=settings.resamples, confidence_level=settings.level,
        random_state=np.random.default_rng(seed),
    )  # fmt: skip
    c_low, vertex_low = np.asarray(found.confidence_interval.low)
    c_high, vertex_high = np.asarray(found.confidence_interval.high)
    intervals = {"curvature": (float(c_low), float(c_high))}
    if c_low * c_high > 0:
        intervals["vertex"] = (float(vertex_low), float(vertex_high))
    a, b, c = (float(value) for value in in_years(_fit((ages - centre) / scale, values)))
    return Trend(structure, measure, sex, cases, ages, values, (a, b, c), intervals)


def _fit(x: Floats, y: Floats) -> Floats:
    """Fit parabolas by least squares, shape (..., n) to (..., 3)."""
    design = np.stack([np.ones_like(x), x, x**2], axis=-1)
    across = np.swapaxes(design, -1, -2)
    # Ages are standardised, so the normal equations are well conditioned. Of a resample with fewer
    # than three ages it is the smallest of all solutions.
    solved = np.linalg.pinv(across @ design, hermitian=True) @ (across @ y[..., None])
    return np.asarray(solved[..., 0])
