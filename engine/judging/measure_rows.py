"""Measures of several labels, below each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures


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
