"""What an expert should look at first: a score for each structure of each case, with its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from vesalius.adapters.cohort.robust import middle_and_spread
from vesalius.adapters.keeping.cache_folder import cache_folder
from vesalius.adapters.keeping.remembered import found_or_made, key_of
from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.table_schema import Cell

PARTS = ("disagreement_part", "findings_part", "volume_part")


@dataclass(frozen=True)
class Weights:
    """What adds how much; declared in `suspicion.yaml`.

    Parameters
    ----------
    findings : mapping of str to float
        Of one finding, by its severity.
    least_cases : int
        With fewer volumes nothing is said of outliers.
    from_deviation, to_deviation : float
        Robust deviations at which the part of volumes leaves 0 and reaches 1.
    stands_out : float
        In Dice.
    """

    findings: Mapping[str, float]
    least_cases: int
    from_deviation: float
    to_deviation: float
    stands_out: float


@lru_cache(maxsize=1)
def read_weights() -> Weights:
    """Read `suspicion.yaml`."""
    return found_or_made(key_of("suspicion"), Weights, _read, cache_folder())[0]


def _read() -> Weights:
    from vesalius.ontology.reading.document import load_document  # noqa: PLC0415 - reads YAML

    data: Any = load_document(Path(__file__).with_name("suspicion.yaml")).data
    volume = data["volume"]
    return Weights(
        data["findings"], volume["least_cases"], volume["from_deviation"],
        volume["to_deviation"], data["stands_out"],
    )  # fmt: skip


def findings_part(severities: Sequence[str], weights: Weights) -> float:
    """Give the part of findings: each takes its share of what is left to 1."""
    left = 1.0
    for severity in severities:
        left *= 1 - weights.findings[severity]
    return 1 - left


def suspicion_rows(
    parts: Iterable[Mapping[str, Any]], weights: Weights | None = None
) -> list[dict[str, Cell]]:
    """Give the rows of the table `suspicion`, the most suspicious first.

    Parameters
    ----------
    parts : iterable of mapping
        Rows of single cases: all columns but rank, score and those of volumes over all cases; and
        ``cut``, whether the scan cuts the consensus, whose volume then says nothing.
    weights : Weights, optional
        By default those declared.
    """
    weights = weights or read_weights()
    rows = [dict(row) for row in parts]
    volumes: dict[str, list[float]] = {}
    for row in rows:
        if row["consensus_ml"] and not row["cut"]:
            volumes.setdefault(row["structure"], []).append(row["consensus_ml"])
    for row in rows:
        known = volumes.get(row["structure"], [])
        usable = row["consensus_ml"] and not row["cut"] and len(known) >= weights.least_cases
        deviation = _deviation(row["consensus_ml"], known) if usable else None
        del row["cut"]
        row["volume_deviation"] = rounded(deviation)
        row["volume_part"] = None if deviation is None else rounded(_part(deviation, weights))
        row["score"] = rounded(_score([row[part] for part in PARTS]))
    rows.sort(key=lambda row: (-row["score"], row["case"], row["structure"]))
    return [{"rank": rank, **row} for rank, row in enumerate(rows, start=1)]


def _deviation(volume: float, known: Sequence[float]) -> float | None:
    """Give how far a volume lies off the others, in robust deviations; None where all are equal."""
    middle, spread = middle_and_spread(known)
    return (volume - middle) / spread if spread else None


def _part(deviation: float, weights: Weights) -> float:
    width = weights.to_deviation - weights.from_deviation
    return min(1.0, max(0.0, (abs(deviation) - weights.from_deviation) / width))


def _score(parts: Sequence[float | None]) -> float:
    left = 1.0
    for part in parts:
        left *= 1 - (part or 0.0)
    return 1 - left
