"""The figures of `TotalSegmentator --statistics`, for programs that read them.

Source: totalsegmentator/statistics.py of wasserth/TotalSegmentator (commit 001a243): volume in
mm³, mean of the image as int16, and 0.0 for both where a class has a voxel in the outer three
layers of the volume.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.measures.structure_map import StructureMap
from vesalius.adapters.measures.table_schema import Cell
from vesalius.engine.runs.intensity import Sums, Values, label_sums
from vesalius.engine.runs.measure import measure

TABLE = "totalsegmentator"
_LAYERS = 3
_DIGITS = 5


def like_totalsegmentator(found: StructureMap, image: Values | None) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `totalsegmentator` for one segmentation.

    Parameters
    ----------
    found : StructureMap
        The segmentation.
    image : Values or None
        Its CT; without it intensities are 0.

    Yields
    ------
    dict
        Keys: class, volume, intensity; one for each class of the scheme.
    """
    rows = measure(found.labels)
    sums = None if image is None else label_sums(found.labels, _WholeValues(image))
    voxel_mm3 = float(np.prod(found.labels.grid.spacing_mm))
    row_of = {int(label): row for row, label in enumerate(rows.label)}
    for entry in found.scheme.entries:
        labels = [label for label, integer in enumerate(found.integers) if integer == entry.integer]
        present = [row_of[label] for label in labels if label in row_of]
        volume, intensity = 0.0, 0.0
        lo, hi = rows.box_lo[present], rows.box_hi[present]
        if present and not _at_border(lo, hi, found.labels.grid.shape):
            volume = float(rows.voxels[present].sum()) * voxel_mm3
            intensity = _mean(sums, [int(rows.label[row]) for row in present])
        yield {"class": entry.name, "volume": volume, "intensity": intensity}


def statistics_json(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Give rows of one segmentation in the layout of its JSON file."""
    return {row["class"]: {"volume": row["volume"], "intensity": row["intensity"]} for row in rows}


@dataclass(frozen=True, eq=False)
class _WholeValues:
    """An image without the decimals of its values."""

    image: Values

    def values(self, slab: tuple[slice, slice, slice]) -> NDArray[np.generic]:
        return np.trunc(self.image.values(slab).astype(np.float64))


def _at_border(lo: NDArray[np.int64], hi: NDArray[np.int64], shape: tuple[int, int, int]) -> bool:
    return bool((lo < _LAYERS).any() or (hi > np.array(shape) - _LAYERS).any())


def _mean(sums: Sums | None, labels: list[int]) -> float:
    if sums is None:
        return 0.0
    counted = [(sums.mean(label), int(sums.voxels[label])) for label in labels]
    total = sum(n for mean, n in counted if mean is not None)
    weighted = sum(mean * n for mean, n in counted if mean is not None)
    return round(weighted / total, _DIGITS) if total else 0.0
