"""The merge of several label maps in one sweep by the compiled kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.labelmap import LabelMap, Labels, Positions, contiguous
from vesalius.engine.runs.sweeps import MOST_SWEPT, check_same_shape

# Voxels are counted in arrays of all pairs that could be.
_MOST_PAIRS = 1 << 20


class MergedRuns(NamedTuple):
    """What several maps say together.

    Parameters
    ----------
    start, stop, label : ndarray, shape (n,)
        Canonical runs of the winning work label.
    pairs : ndarray of int64, shape (w, w)
        Voxels per winning and losing work label; several maps with one claim count once.
    cells : tuple of ndarray of int64, shape (m, w)
        For each map, voxels per its own label and the winning work label; empty if nothing is
        counted.
    """

    start: Positions
    stop: Positions
    label: Labels
    pairs: NDArray[np.int64]
    cells: tuple[NDArray[np.int64], ...]


def merge_runs(
    labelmaps: Sequence[LabelMap], tables: Sequence[Labels], rank: Labels, *, count: bool
) -> MergedRuns | None:
    """Merge maps: at each voxel the work label of the highest rank wins.

    Parameters
    ----------
    labelmaps : sequence of LabelMap
        At least one; all of one shape and one axes order.
    tables : sequence of ndarray of uint16, shape (m,)
        Of each map, the work label of each of its labels; 0 claims nothing.
    rank : ndarray of uint16, shape (w,)
        Rank of each work label, no two alike; entry 0 unused.
    count : bool
        Whether to count.

    Returns
    -------
    MergedRuns or None
        None where numpy has to do it: without kernels, and where arrays of all pairs would be
        large.

    Raises
    ------
    ValueError
        If shapes or axes differ, or a label is outside of the tables.
    """
    check_same_shape(labelmaps)
    most = max(rank.size, *(table.size for table in tables)) * rank.size
    if kernels.compiled is None or len(labelmaps) > MOST_SWEPT or (count and most > _MOST_PAIRS):
        return None
    columns = tuple(
        (*contiguous(m.start, m.stop, m.label), np.ascontiguousarray(table))
        for m, table in zip(labelmaps, tables, strict=True)
    )
    # Every run begins and ends one stretch; what is not written takes no memory.
    room = 2 * sum(len(m) for m in labelmaps)
    kind = np.result_type(*(m.start for m in labelmaps))
    start, stop = np.empty(room, dtype=kind), np.empty(room, dtype=kind)
    label = np.empty(room, dtype=np.uint16)
    pairs = np.zeros((rank.size, rank.size) if count else (0, 0), dtype=np.int64)
    cells = tuple(np.zeros((t.size, rank.size), dtype=np.int64) for t in tables) if count else ()
    n = kernels.compiled.merge(
        columns,
        np.ascontiguousarray(rank),
        labelmaps[0].line_length,
        *(start, stop, label),
        pairs.reshape(-1),
        tuple(counts.reshape(-1) for counts in cells),
    )
    return MergedRuns(start[:n].copy(), stop[:n].copy(), label[:n].copy(), pairs, cells)
