"""Averages of figures: over cases for each structure, and over structures; defined ones only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

NEITHER = "neither"
"""State of a structure of which no side has a voxel."""


@dataclass
class Averages:
    """Figures of each structure over all cases.

    Parameters
    ----------
    metrics : tuple of str
        Columns that are averaged.
    figures : dict
        By structure and metric, the defined figures.
    states : dict
        By structure, how many rows have each state.
    """

    metrics: tuple[str, ...]
    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    states: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> Averages:
        """Take in rows; what is undefined counts nowhere."""
        for row in rows:
            name = row["structure"]
            figures = self.figures.setdefault(name, {metric: [] for metric in self.metrics})
            for metric in self.metrics:
                value = row.get(metric)
                if value is not None:
                    figures[metric].append(float(value))
            states = self.states.setdefault(name, {})
            states[row["state"]] = states.get(row["state"], 0) + 1
        return self

    def seen(self, structure: str) -> bool:
        """Tell whether anybody has a voxel of a structure, in any case."""
        return any(count for state, count in self.states[structure].items() if state != NEITHER)

    def mean(self, structure: str, metric: str) -> float | None:
        """Give the mean over the cases in which a figure is defined; None where none is."""
        values = self.figures.get(structure, {}).get(metric, [])
        return fmean(values) if values else None

    def median(self, structure: str, metric: str) -> float | None:
        """Give the median over the cases in which a figure is defined; None where none is."""
        values = self.figures.get(structure, {}).get(metric, [])
        return median(values) if values else None

    def over_structures(self, metric: str) -> float | None:
        """Give the mean of the structures' means: each counts once, however many cases it has."""
        means = [self.mean(name, metric) for name in self.figures]
        defined = [mean for mean in means if mean is not None]
        return fmean(defined) if defined else None

    def over_rows(self, metric: str) -> float | None:
        """Give the mean over all figures: each case of each structure counts once."""
        values = [value for figures in self.figures.values() for value in figures[metric]]
        return fmean(values) if values else None

    def to_json(self) -> dict[str, Any]:
        """Give all of it as JSON values."""
        return {
            "structures": {
                name: {
                    "states": dict(sorted(self.states[name].items())),
                    **{
                        metric: {
                            "mean": self.mean(name, metric),
                            "median": self.median(name, metric),
                            "cases": len(self.figures[name][metric]),
                        }
                        for metric in self.metrics
                    },
                }
                for name in self.figures
            },
            "mean_over_structures": {m: self.over_structures(m) for m in self.metrics},
            "mean_over_rows": {m: self.over_rows(m) for m in self.metrics},
        }
