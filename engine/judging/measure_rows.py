"""Rows of measures: some of them, and those of several labels below each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures


def take_measures(found: Measures, rows: slice | NDArray[np.integer[Any]]) -> Measures:
    """Return some rows of measures."""
    return Measures(
        found.grid,
        found.label[rows],
        found.voxels[rows],
        found.box_lo[rows],
        found.box_hi[rows],
        found.index_sum[rows],
    )


def stacked(like: LabelMap, found: Sequence[Measures]) -> Measures:
    """Put measures of different labels below each other."""
    if len(found) == 1:
        return found[0]
    none, nowhere = np.empty(0, dtype=np.int64), np.empty((0, 3), dtype=np.int64)
    return Measures(
        like.grid,
        np.concatenate([np.empty(0, dtype=np.uint16), *(each.label for each in found)]),
        np.concatenate([none, *(each.voxels for each in found)]),
        np.concatenate([nowhere, *(each.box_lo for each in found)]),
        np.concatenate([nowhere, *(each.box_hi for each in found)]),
        np.concatenate([nowhere, *(each.index_sum for each in found)]),
    )


def numbered(found: Measures) -> Measures:
    """Give the rows the numbers 0..n-1."""
    return Measures(
        found.grid,
        np.arange(len(found)),
        found.voxels,
        found.box_lo,
        found.box_hi,
        found.index_sum,
    )
