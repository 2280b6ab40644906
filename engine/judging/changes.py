"""What differs between a map before and after a step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vesalius.engine.judging.findings import in_ml, triple
from vesalius.engine.judging.verdict import Move
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.labelmap import LabelMap, Labels, Positions
from vesalius.engine.runs.measure import measure_groups
from vesalius.engine.runs.sweeps import where_they_differ


class Changes(NamedTuple):
    """Stretches of voxels that have another label than before.

    Parameters
    ----------
    start, stop : ndarray of int32 or int64, shape (n,)
        Flat positions, sorted; none crosses a line.
    source, target : ndarray of uint16, shape (n,)
        Label before and after; 0 is background.
    """

    start: Positions
    stop: Positions
    source: Labels
    target: Labels

    def labels(self) -> tuple[int, ...]:
        """Return every label that gained or lost a voxel, ascending, without background."""
        both = distinct(np.concatenate((self.source, self.target)))
        return tuple(both[both > 0].tolist())


def changes(before: LabelMap, after: LabelMap) -> Changes:
    """Find the voxels whose label differs.

    Parameters
    ----------
    before, after : LabelMap
        Canonical maps of one grid and axes.

    Raises
    ------
    ValueError
        If shapes or axes differ.
    """
    start, stop, labels = where_they_differ(before, after)
    return Changes(start, stop, labels[:, 0], labels[:, 1])


def moves(found: Changes, like: LabelMap) -> tuple[Move, ...]:
    """Sum up changes by source and target label, in that order.

    Parameters
    ----------
    found : Changes
        What changed.
    like : LabelMap
        A map of the same grid and axes.
    """
    code = found.source.astype(np.int64) << 16 | found.target
    pairs, group = np.unique(code, return_inverse=True)
    measures = measure_groups(stretches(found, like), group, pairs.size)
    return tuple(
        Move(
            int(pair) >> 16,
            int(pair) & 0xFFFF,
            int(measures.voxels[at]),
            in_ml(like.grid, int(measures.voxels[at])),
            (triple(measures.box_lo[at]), triple(measures.box_hi[at])),
        )
        for at, pair in enumerate(pairs.tolist())
    )


def stretches(found: Changes, like: LabelMap, label: int = 1) -> LabelMap:
    """Return the changed voxels, all with one label; equal runs may touch."""
    values = np.full(found.start.size, label, dtype=np.uint16)
    return LabelMap(like.grid, like.axes, found.start, found.stop, values)
