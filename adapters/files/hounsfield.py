"""Whether the values of an image are Hounsfield units, by what they do and not by the extremes.

An image for training is clipped, standardised or shifted, and padded with whatever was at hand: its
lowest value says little. What a CT cannot do is pile up on one value in the middle of the scale,
spread over a few units, or have much that is denser than bone or less dense than air.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.image_values import ImageVoxels
from vesalius.adapters.files.io_diagnostics import problem
from vesalius.engine.runs.intensity import LARGEST_VALUE
from vesalius.ontology.reading.diagnostics import Diagnostic

_FIGURES: Final = Path(__file__).with_name("hounsfield.yaml")
_FEWEST_SAMPLES: Final = 1000
_FEWEST_VALUES: Final = 64
"""What has fewer different values was drawn by hand, and nothing is said of its distribution."""
_BESIDE: Final = 5

Values = NDArray[np.float64]


def figure(name: str) -> float:
    """Give a figure of `hounsfield.yaml`; the name ends in its unit."""
    return _figures()[name]


@lru_cache(maxsize=1)
def _figures() -> dict[str, float]:
    # Lines of a name and a number: not worth what reads YAML in a run whose plan is known.
    lines = (line.partition("#")[0] for line in _FIGURES.read_text("utf-8").splitlines())
    pairs = (line.split(":") for line in lines if line.strip())
    return {name.strip(): float(value) for name, value in pairs}


def hounsfield_doubt(name: str, voxels: ImageVoxels) -> Diagnostic | None:
    """Say why the values of an image are no Hounsfield units; None where they can be.

    Parameters
    ----------
    name : str
        What messages call the image.
    voxels : ImageVoxels
        All of it; of a large one evenly spaced voxels are looked at.

    Returns
    -------
    Diagnostic or None
        IO019, a warning.
    """
    lowest = voxels.lowest()
    if lowest is None or lowest >= 0:
        # Every CT has values below 0: air, fat, or noise in water.
        how = "no voxel holds a number" if lowest is None else f"the lowest value is {lowest:.6g}"
        return no_hounsfield(name, how)
    if voxels.stored.dtype.itemsize == 1 and voxels.slope == 1.0:
        return no_hounsfield(name, "they are stored in bytes, which cannot hold those of a CT")
    unlike = _unlike(_sample(voxels))
    return None if unlike is None else no_hounsfield(name, unlike)


def no_hounsfield(name: str, how: str) -> Diagnostic:
    """Build the warning that an image is not in Hounsfield units."""
    text = f"these are no Hounsfield units ({how}); rules that need a CT are skipped"
    hint = (
        "give the CT itself: not an MR image, and nothing clipped, scaled or shifted for training"
    )
    return problem("IO019", name, text, hint, severity="warning")


def padding_of(voxels: ImageVoxels) -> float | None:
    """Give the lowest value, in HU, where so many voxels hold exactly it that they are padding."""
    values = _sample(voxels)
    if values.size < _FEWEST_SAMPLES:
        return None
    lowest = float(values.min())
    piles = _piles(_count(values))
    return lowest if round(lowest) in piles else None


def has_air(voxels: ImageVoxels) -> bool:
    """Tell whether more than a trifle of an image is as little dense as air."""
    values = _sample(voxels)
    return bool(np.mean(values < figure("air_hu")) > figure("pile_share")) if values.size else False


def _sample(voxels: ImageVoxels) -> Values:
    values = voxels.sample
    # What is no number fails both comparisons.
    if values.size and values.min() >= -LARGEST_VALUE and values.max() <= LARGEST_VALUE:
        return values
    return values[np.abs(values) <= LARGEST_VALUE]


def _unlike(values: Values) -> str | None:
    """Say what no CT does."""
    if values.size < _FEWEST_SAMPLES or np.unique(values[:: values.size // 1000]).size < 16:
        return None
    counted = _count(values)
    if counted.least_spread() < figure("narrowest_hu"):
        low, high = np.percentile(values, (1, 99))
        if high - low < figure("narrowest_hu"):
            return f"they spread from {low:.3g} to {high:.3g} only"
    piles = _piles(counted)
    inside = [pile for pile in piles if figure("clipped_from_hu") < pile < figure("clipped_to_hu")]
    if inside:
        share = max(piles[pile] for pile in inside)
        words = " and ".join(str(pile) for pile in inside[:2])
        return f"they pile up at {words}, in up to {share:.1%} of all voxels: clipped or padded"
    dense = float(np.mean(values > figure("dense_hu")))
    if dense > figure("most_dense_share"):
        return f"{dense:.0%} of all voxels are above {figure('dense_hu'):g}: shifted or scaled"
    return _unlike_air(values, counted, piles)


def _unlike_air(values: Values, counted: _Counted, piles: Mapping[int, float]) -> str | None:
    """Say what the thinnest of a CT does not do."""
    thinnest, thin = counted.value_at(0.01), counted.value_at(0.1)
    if figure("air_hu") < thin < figure("no_air_hu") and thin - thinnest < figure("narrowest_hu"):
        return f"air lies at {thin}, where nothing of a body does: shifted or scaled"
    below = values[values < figure("emptiest_hu")]
    stray = below.size - int(np.isin(np.rint(below), list(piles)).sum())
    filled = counted.size - sum(int(counted.counts[pile - counted.lowest]) for pile in piles)
    empty = stray / filled if filled else 0.0
    if empty > figure("most_empty_share"):
        return f"{empty:.0%} of the voxels are below {figure('emptiest_hu'):g}: shifted or scaled"
    return None


@dataclass(frozen=True, eq=False)
class _Counted:
    """How often each whole value occurs, from the lowest on."""

    lowest: int
    counts: NDArray[np.intp]
    size: int

    def value_at(self, share: float) -> int:
        """Give the whole value that a share of all values does not exceed."""
        return self.lowest + int(np.searchsorted(np.cumsum(self.counts), share * self.size))

    def least_spread(self) -> int:
        """Give what the 1st and the 99th percentile lie apart at least."""
        upto = np.cumsum(self.counts)
        # Two values further in, and one less for what was rounded.
        low, high = np.searchsorted(upto, (0.01 * self.size + 2, 0.99 * self.size - 2))
        return int(high - low) - 1


def _count(values: Values) -> _Counted:
    whole = np.rint(values).astype(np.intp)  # as bincount wants them
    lowest = int(whole.min())
    whole -= lowest
    return _Counted(lowest, np.bincount(whole), values.size)


def _piles(counted: _Counted) -> dict[int, float]:
    """Find whole values that are far more frequent than those beside them, and their shares."""
    counts, size = counted.counts, counted.size
    if np.count_nonzero(counts) < _FEWEST_VALUES:
        return {}
    frequent = np.flatnonzero(counts >= max(_BESIDE, figure("pile_share") * size))
    high = counts[frequent] >= figure("pile_height") * np.maximum(1.0, _usual(counts, frequent))
    return {int(at) + counted.lowest: float(counts[at]) / size for at in frequent[high]}


def _usual(counts: NDArray[Any], places: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give the median of the counts beside each place; at the ends there are fewer."""
    found = np.zeros(places.size)
    whole = (places >= _BESIDE) & (places < counts.size - _BESIDE)
    steps = np.delete(np.arange(-_BESIDE, _BESIDE + 1), _BESIDE)
    if whole.any():
        found[whole] = np.median(counts[places[whole, np.newaxis] + steps], axis=1)
    for number in np.flatnonzero(~whole).tolist():
        beside = places[number] + steps
        beside = beside[(beside >= 0) & (beside < counts.size)]
        found[number] = float(np.median(counts[beside])) if beside.size else 0.0
    return found
