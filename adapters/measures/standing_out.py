"""Which model stands out where: figures of `concordance` over all cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from vesalius.adapters.measures.suspicion import read_weights


@dataclass(frozen=True)
class StandsOut:
    """A source that differs from others which agree with each other.

    Parameters
    ----------
    structure, source : str
        What it tells differently, and its name.
    with_others, among_others : float
        Mean Dice of its pairs, and of the pairs without it, over all cases.
    cases : int
        In how many.
    """

    structure: str
    source: str
    with_others: float
    among_others: float
    cases: int

    @property
    def gap(self) -> float:
        """How much better the others agree with each other than with it."""
        return self.among_others - self.with_others


@dataclass
class Models:
    """Figures of each source and structure.

    Parameters
    ----------
    dice : dict
        By source and structure the Dice with the consensus, where it is defined.
    others : dict
        By structure and source pairs of (with others, among others), where both are defined.
    told : dict of str to int
        By source the rows it has.
    """

    dice: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    others: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)
    told: dict[str, set[str]] = field(default_factory=dict)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> Models:
        """Take in rows of `concordance`."""
        for row in rows:
            source, structure = row["source"], row["structure"]
            self.told.setdefault(source, set()).add(structure)
            of_source = self.dice.setdefault(source, {})
            if row["dice"] is not None:
                of_source.setdefault(structure, []).append(row["dice"])
            if row["others_dice"] is not None and row["among_others_dice"] is not None:
                pair = (row["others_dice"], row["among_others_dice"])
                self.others.setdefault((structure, source), []).append(pair)
        return self

    def median_dice(self, source: str) -> float | None:
        """Give the median over structures of the median Dice of a source with the consensus."""
        each = [median(values) for values in self.dice[source].values()]
        return median(each) if each else None

    def stand_out(self) -> list[StandsOut]:
        """List who stands out where, the widest gap first."""
        least = read_weights().stands_out
        found = [
            StandsOut(
                structure,
                source,
                fmean(own for own, _ in pairs),
                fmean(other for _, other in pairs),
                len(pairs),
            )
            for (structure, source), pairs in self.others.items()
        ]
        out = [each for each in found if each.gap > least]
        return sorted(out, key=lambda each: (-each.gap, each.structure, each.source))

    def to_json(self) -> dict[str, Any]:
        """Give all of it as JSON values."""
        return {
            "sources": {
                source: {"structures": len(names), "median_dice": self.median_dice(source)}
                for source, names in self.told.items()
            },
            "stands_out": [
                {
                    "structure": each.structure,
                    "source": each.source,
                    "others_dice": each.with_others,
                    "among_others_dice": each.among_others,
                    "cases": each.cases,
                }
                for each in self.stand_out()
            ],
        }
