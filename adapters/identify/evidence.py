"""The kinds of evidence: whether labels look like what a scheme says they are.

Each kind gives one number per label, the share of what was asked of it that holds, and NaN where
nothing could be asked. All figures come from the ontology.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.identify.expected import Expected, Looks, volume_of
from vesalius.adapters.identify.seen import Seen
from vesalius.engine.runs.median import median

LARGEST_SIZE_FACTOR: Final = 2.0
"""By how much the median side of a box may differ from the usual one. Single patients differ by
half and more (attributes.yaml, `usual_size_mm`); twice covers them and still tells organs apart."""

Shares: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Supposed:
    """Labels under the supposition that they are written in one scheme.

    Parameters
    ----------
    seen : Seen
        The labels.
    structures : tuple of tuple of str, n
        What each could be; empty where the scheme says nothing of it.
    looks : Looks
        What structures look like.
    """

    seen: Seen
    structures: tuple[tuple[str, ...], ...]
    looks: Looks

    def sure(self) -> dict[str, int]:
        """Give the row of each structure that is one label's only meaning."""
        found: dict[str, int] = {}
        shared = set()
        for row, names in enumerate(self.structures):
            if len(names) == 1:
                if names[0] in found:
                    shared.add(names[0])
                found[names[0]] = row
        return {name: row for name, row in found.items() if name not in shared}

    def expected(self, name: str) -> Expected:
        """Give what a structure looks like."""
        return self.looks.expected(name)

    def nothing_asked(self) -> Shares:
        """Give a row of NaN."""
        return np.full(len(self.seen), np.nan)


def volumes(supposed: Supposed) -> Shares:
    """Tell whether volumes are plausible; what the edge cuts may be as small as it likes."""
    shares, seen = supposed.nothing_asked(), supposed.seen
    for row, names in enumerate(supposed.structures):
        limits = volume_of(names, supposed.looks) if names else None
        if limits is not None:
            small = not seen.cut[row] and seen.volume_ml[row] < limits[0]
            shares[row] = not small and seen.volume_ml[row] <= limits[1]
    return shares


def sizes(supposed: Supposed) -> Shares:
    """Tell whether boxes have about the usual size; nothing of what the edge cuts."""
    gaps = size_gaps(supposed)
    within = (gaps <= math.log(LARGEST_SIZE_FACTOR)).astype(np.float64)
    return np.where(np.isnan(gaps), np.nan, within)


def size_gaps(supposed: Supposed) -> Shares:
    """Measure how far boxes are from the usual size: the median of |log ratio| of the sides."""
    gaps, seen = supposed.nothing_asked(), supposed.seen
    for name, row in supposed.sure().items():
        usual = supposed.expected(name).usual_size_mm
        if usual is not None and not seen.cut[row]:
            gaps[row] = median(np.abs(np.log(seen.size_mm[row] / np.array(usual))))
    return gaps


def common_scale(supposed: Supposed) -> float | None:
    """Measure by which one factor boxes differ from the usual size; None where by no common one.

    A scheme that is wrong makes some structures too large and some too small; a grid whose spacing
    was lost makes all of them so by one factor.
    """
    seen = supposed.seen
    ratios = [
        median(np.log(seen.size_mm[row] / np.array(usual)))
        for name, row in supposed.sure().items()
        if (usual := supposed.expected(name).usual_size_mm) is not None and not seen.cut[row]
    ]
    if not ratios:
        return None
    common = median(ratios)
    apart = np.abs(np.array(ratios) - common)
    return math.exp(common) if median(apart) <= math.log(LARGEST_SIZE_FACTOR) / 2 else None


def sides(supposed: Supposed) -> Shares:
    """Tell whether what has a side lies on it: against its partner, else against the middle."""
    shares, sure = supposed.nothing_asked(), supposed.sure()
    x_mm = supposed.seen.centre_mm[:, 0]
    middles = [x_mm[row] for name, row in sure.items() if supposed.expected(name).midline]
    partners = {name: sure.get(supposed.expected(name).partner or "") for name in sure}
    middles += [
        (x_mm[row] + x_mm[other]) / 2
        for name, row in sure.items()
        if (other := partners[name]) is not None
    ]
    middle_mm = median(middles) if middles else math.nan
    for name, row in sure.items():
        side, other = supposed.expected(name).side, partners[name]
        beside_mm = middle_mm if other is None else x_mm[other]
        if side and not math.isnan(beside_mm):
            shares[row] = (x_mm[row] - beside_mm) * side > 0
    return shares


def heights(supposed: Supposed) -> Shares:
    """Tell which labels lie above and below those whose levels along the spine say so."""
    shares = supposed.nothing_asked()
    levels = {
        row: found
        for name, row in supposed.sure().items()
        if (found := supposed.expected(name).levels) is not None
    }
    if not levels:
        return shares
    rows = list(levels)
    upper, lower = np.array(list(levels.values())).T
    z_mm = supposed.seen.centre_mm[rows, 2]
    above = lower[:, np.newaxis] < upper[np.newaxis, :]
    holds = above & (z_mm[:, np.newaxis] > z_mm[np.newaxis, :])
    asked = above.sum(axis=1) + above.sum(axis=0)
    held = holds.sum(axis=1) + holds.sum(axis=0)
    shares[rows] = np.divide(held, asked, out=np.full(len(rows), np.nan), where=asked > 0)
    return shares


def orders(supposed: Supposed) -> Shares:
    """Tell which members of ordered families follow each other as declared."""
    shares = supposed.nothing_asked()
    families: dict[str, list[tuple[int, int]]] = {}
    for name, row in supposed.sure().items():
        place = supposed.expected(name).sequence
        if place is not None:
            families.setdefault(place[0], []).append((place[1], row))
    for name, members in families.items():
        if len(members) < 2:
            continue
        rows = [row for _, row in sorted(members)]
        along = supposed.seen.centre_mm[rows] @ np.array(supposed.looks.direction(name))
        later = np.triu(along[np.newaxis, :] > along[:, np.newaxis], k=1)
        shares[rows] = (later.sum(axis=1) + later.sum(axis=0)) / (len(rows) - 1)
    return shares


KINDS: Final[Mapping[str, Callable[[Supposed], Shares]]] = {
    "volumes": volumes,
    "sizes": sizes,
    "sides": sides,
    "heights": heights,
    "orders": orders,
}
"""Every kind by what reasons call it."""
