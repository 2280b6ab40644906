"""What differs between a map before and after a step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.faults import take_runs
from vesalius.engine.judging.findings import in_ml, triple
from vesalius.engine.judging.verdict import Move
from vesalius.engine.runs.labelmap import LabelMap, Labels, Positions
from vesalius.engine.runs.measure import measure_groups
from vesalius.engine.runs.sweeps import refine


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
        both = np.unique(np.concatenate((self.source, self.target)))
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
    # Most runs are in both maps: only the others are compared.
    one = take_runs(before, ~_has_same(before, after))
    other = take_runs(after, ~_has_same(after, before))
    start, stop, labels = refine([one, other])
    rows = np.flatnonzero(labels[:, 0] != labels[:, 1])
    return Changes(start[rows], stop[rows], labels[rows, 0], labels[rows, 1])


def _has_same(one: LabelMap, other: LabelMap) -> NDArray[np.bool_]:
    """Tell for each run of `one` whether `other` has the same run."""
    if not len(other):
        return np.zeros(len(one), dtype=bool)
    at = np.minimum(np.searchsorted(other.start, one.start), len(other) - 1)
    same = (other.start[at] == one.start) & (other.stop[at] == one.stop)
    return np.asarray(same & (other.label[at] == one.label), dtype=bool)


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
