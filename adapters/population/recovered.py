"""Whether what is planted in the demo cohort is found again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from vesalius.adapters.population.describe import Population
from vesalius.adapters.population.people import SEXES, WRITTEN
from vesalius.adapters.population.planted import Planted
from vesalius.adapters.population.settings import read_settings

VOLUME = "volume_ml"
_CHANCE = 0.05


@dataclass(frozen=True)
class Effect:
    """One effect that was planted, and what was found of it.

    Parameters
    ----------
    what : str
        In words.
    planted, found : str
        Figures or names.
    interval : str
        Of what was found, or how it was told.
    recovered : bool
        Whether the planted figure lies in the interval, or the names agree.
    """

    what: str
    planted: str
    found: str
    interval: str
    recovered: bool


def effects(planted: Planted, population: Population) -> list[Effect]:
    """Compare what was planted with what the tables of a population say."""
    return [
        *_parabola(planted, population.tables["age_trends"]),
        _shift(planted, population.tables["divergence"]),
        *_lesions(planted, population.tables["lesion_rates"]),
        _mirrored(planted, population),
        _stray(planted, population.tables["rule_rates"]),
    ]


def _parabola(planted: Planted, rows: Sequence[Mapping[str, Any]]) -> Iterator[Effect]:
    parabola = planted.parabola
    of = {(row["structure"], row["measure"], row["sex"]): row for row in rows}
    for sex in SEXES:
        row = of.get((parabola.structure, VOLUME, sex), {})
        name = parabola.structure.replace("_", " ")
        curvature = -parabola.fall_ml_per_years2 * parabola.share_of_sex[sex]
        yield _number(
            f"{name}, {sex}: curvature, ml/year²", curvature, row.get("per_year2"),
            row.get("per_year2_low"), row.get("per_year2_high"), 3,
        )  # fmt: skip
        yield _number(
            f"{name}, {sex}: age at the peak, years", parabola.at_age_years,
            row.get("vertex_age_years"), row.get("vertex_low_years"),
            row.get("vertex_high_years"), 1,
        )  # fmt: skip


def _shift(planted: Planted, rows: Sequence[Mapping[str, Any]]) -> Effect:
    shift, bins = planted.shift, read_settings().divergence.shown_bins
    pairs = [r for r in rows if r["structure"] == shift.structure and r["bins"] == bins]
    apart = [(r["dataset"], r["other"]) for r in pairs if r["p"] < _CHANCE]
    names = {name for pair in apart for name in pair}
    found = [name for name in sorted(names) if all(name in pair for pair in apart)]
    wanted = [name for name, factor in shift.factor.items() if factor != 1.0]
    scores = ", ".join(f"{r['dataset']} and {r['other']} {r['divergence_bits']:.2f} bits"
                       f" (p {r['p']:.3f})" for r in pairs)  # fmt: skip
    return Effect(
        f"{shift.structure}: dataset that differs", ", ".join(wanted), ", ".join(found) or "none",
        scores, found == wanted and len(apart) == len(shift.factor) - 1,
    )  # fmt: skip


def _lesions(planted: Planted, rows: Sequence[Mapping[str, Any]]) -> Iterator[Effect]:
    lesions = planted.lesions
    of = {(r["structure"], r["diagnosis"]): r for r in rows if r["least_ml"] == 0}
    for diagnosis, rate in lesions.rate.items():
        row = of.get((lesions.structure, diagnosis), {})
        name = lesions.structure.replace("_", " ")
        yield _number(
            f"{name}: rate of lesions, {diagnosis}", rate, row.get("rate"),
            row.get("rate_low"), row.get("rate_high"), 2,
        )  # fmt: skip


def _mirrored(planted: Planted, population: Population) -> Effect:
    found: dict[str, list[str]] = {}
    for person in population.people.everyone:
        fired = [r for r, did in person.fired.items() if did and fnmatch(r, planted.mirrored.rule)]
        if person.status == WRITTEN and fired:
            found[person.case] = fired
    rules = sorted({rule for fired in found.values() for rule in fired})
    return Effect(
        "case that is mirrored", planted.mirrored.case, ", ".join(found) or "none",
        f"by {', '.join(rules)}" if rules else "", [*found] == [planted.mirrored.case],
    )  # fmt: skip


def _stray(planted: Planted, rows: Sequence[Mapping[str, Any]]) -> Effect:
    out = [row for row in rows if row["by"] == "site" and row["stands_out"]]
    found = sorted({row["value"] for row in out})
    told = "; ".join(
        f"{row['rule']} in {row['fired']} of {row['cases']}, elsewhere {row['elsewhere_fired']} of "
        f"{row['elsewhere_cases']}"
        for row in out
    )
    return Effect("site whose cases have stray pieces", planted.stray.site,
                  ", ".join(found) or "none", told, found == [planted.stray.site])  # fmt: skip


def _number(
    what: str,
    planted: float,
    found: float | None,
    low: float | None,
    high: float | None,
    digits: int,
) -> Effect:
    if found is None or low is None or high is None:
        return Effect(what, f"{planted:.{digits}f}", "none", "", False)
    interval = f"{low:.{digits}f} to {high:.{digits}f}"
    return Effect(
        what, f"{planted:.{digits}f}", f"{found:.{digits}f}", interval, low <= planted <= high
    )
