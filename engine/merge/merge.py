"""The merge: per voxel, the claim of the highest rank wins; disagreements are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.merge.claims import Claims
from vesalius.engine.merge.policy import Filter
from vesalius.engine.plan.plan import WorkLabel
from vesalius.engine.runs.build import empty, join
from vesalius.engine.runs.labelmap import LabelMap, Labels, Positions
from vesalius.engine.runs.merging import merge_runs
from vesalius.engine.runs.sweeps import Refinement, refine_windows, relabel

Pair = tuple[int, int]

# Below this many possible pairs, a plain array of counts is faster than sorting.
_DENSE_PAIRS = 1 << 20


@dataclass(frozen=True)
class Merged:
    """The merge of several sources, and who said what.

    Parameters
    ----------
    work : LabelMap
        The winning work label of each voxel.
    pairs : mapping of (int, int) to int
        Voxels per (winning, losing) work label: both are claimed there by some source; the winner
        is 0 where no claim counts. A voxel with three different claims counts in two pairs; several
        sources with one claim count once.
    cells : tuple of mapping of (int, int) to int
        For each source, voxels per (cell label, winning work label). The winner is 0 where no
        source claims the voxel.
    """

    work: LabelMap
    pairs: Mapping[Pair, int]
    cells: tuple[Mapping[Pair, int], ...]


class PairCounts:
    """Sums voxels per pair of numbers over many batches.

    Parameters
    ----------
    first, second : int
        The numbers of a pair are below these.
    """

    def __init__(self, first: int, second: int) -> None:
        self._size = first * second
        self._second = second
        self._keys = np.empty(0, dtype=np.int64)
        self._voxels = np.zeros(self._size if self._is_dense else 0, dtype=np.int64)

    @property
    def _is_dense(self) -> bool:
        return self._size <= _DENSE_PAIRS

    def add(self, first: ArrayLike, second: ArrayLike, voxels: ArrayLike) -> None:
        """Add a batch: arrays of one shape (n,)."""
        keys = np.asarray(first, dtype=np.int64) * self._second + np.asarray(second)
        counts = np.asarray(voxels, dtype=np.int64)
        if self._is_dense:
            # The weights are summed as float64: exact below 2**53 voxels.
            sums = np.bincount(keys, weights=counts, minlength=self._size)
            self._voxels += sums.astype(np.int64)
        else:
            self._keys, self._voxels = _sums(
                np.concatenate([self._keys, keys]), np.concatenate([self._voxels, counts])
            )

    def totals(self) -> dict[Pair, int]:
        """Return the voxels of every pair that occurs, in ascending order of the pairs."""
        keys, voxels = self._keys, self._voxels
        if self._is_dense:
            keys = np.flatnonzero(voxels)
            voxels = voxels[keys]
        first, second = np.divmod(keys, self._second)
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        return dict(zip(pairs, voxels.tolist(), strict=True))


def merge_labels(claims: Sequence[Claims], work: Sequence[WorkLabel], like: LabelMap) -> LabelMap:
    """Merge the claims of all sources, without counting.

    Parameters
    ----------
    claims : sequence of Claims
        All on the grid and axes of `like`; their order does not matter. Cells that paint
        nothing have no part in it.
    work : sequence of WorkLabel
        Gives the ranks.
    like : LabelMap
        Gives grid and axes.

    Returns
    -------
    LabelMap
        Work labels.
    """
    return merge(claims, work, like, count=False).work


def merge(
    claims: Sequence[Claims],
    work: Sequence[WorkLabel],
    like: LabelMap,
    *,
    count: bool = True,
    counted: Filter | None = None,
) -> Merged:
    """Merge the claims of all sources and count agreement and conflict.

    Works through the volume in windows of whole lines, so that memory stays bounded by the
    runs that go in and come out.

    Parameters
    ----------
    claims, work, like
        As for :func:`merge_labels`.
    count : bool, optional
        Whether to count; without it `pairs` and `cells` are empty.
    counted : callable, optional
        Which claims count; by default all. What is claimed and does not count loses, too.

    Returns
    -------
    Merged
    """
    if not claims:
        return Merged(empty(like.grid, like.axes), {}, ())
    order = _RankOrder(work)
    tables = [source.work_labels() for source in claims]
    labels = len(work) + 1
    pairs = PairCounts(labels, labels)
    cells = [PairCounts(table.size, labels) for table in tables]
    if len(claims) == 1:
        # What happens to a voxel is told by its cell: there is nothing to refine.
        return _of_one(claims[0], order, pairs, cells[0] if count else None, counted)
    if (
        counted is None
        and (merged := _in_one_sweep(claims, tables, order, like, count)) is not None
    ):
        return merged
    painted: list[tuple[Positions, Positions, Labels]] = []
    for window in refine_windows([source.runs for source in claims]):
        claimed = np.column_stack([table[window.labels[:, at]] for at, table in enumerate(tables)])
        winner = order.winner(claimed if counted is None else counted(claimed))
        painted.append((window.start, window.stop, winner))
        if count:
            _count_pairs(pairs, claimed, winner, window)
            _count_cells(cells, winner, window)
    start, stop, label = (np.concatenate(column) for column in zip(*painted, strict=True))
    return Merged(
        work=join(like, start, stop, label),
        pairs=pairs.totals(),
        cells=tuple(counts.totals() for counts in cells) if count else (),
    )


def _in_one_sweep(
    claims: Sequence[Claims],
    tables: Sequence[Labels],
    order: _RankOrder,
    like: LabelMap,
    count: bool,
) -> Merged | None:
    """Merge by the kernel, where it can."""
    found = merge_runs([source.runs for source in claims], tables, order.place_of, count=count)
    if found is None:
        return None
    work = join(like, found.start, found.stop, found.label)
    cells = tuple(_totals(voxels) for voxels in found.cells)
    return Merged(work, _totals(found.pairs), cells)


def _totals(voxels: NDArray[np.int64]) -> dict[Pair, int]:
    """Return the counts that are not zero, in ascending order of the pairs."""
    first, second = (index.tolist() for index in np.nonzero(voxels))
    pairs = zip(first, second, strict=True)
    return dict(zip(pairs, voxels[first, second].tolist(), strict=True))


def _of_one(
    source: Claims,
    order: _RankOrder,
    pairs: PairCounts,
    cells: PairCounts | None,
    counted: Filter | None,
) -> Merged:
    """Paint a source by itself; cells stand for their voxels."""
    runs, table = source.runs, source.work_labels()
    claimed = table[:, np.newaxis]
    winner = order.winner(claimed if counted is None else counted(claimed))
    work = relabel(runs, winner)
    if cells is None:
        return Merged(work, {}, ())
    voxels = runs.voxels_by_label
    there = np.flatnonzero(voxels)
    column = there.astype(np.uint16)[:, np.newaxis]
    window = Refinement(np.zeros_like(there), voxels[there], column)
    _count_pairs(pairs, claimed[there], winner[there], window)
    _count_cells([cells], winner[there], window)
    return Merged(work, pairs.totals(), (cells.totals(),))


def relabelled(labelmap: LabelMap, values: Sequence[int]) -> LabelMap:
    """Replace the labels 1..n by `values`, which may be 0 or repeat; nothing ever wraps.

    Raises
    ------
    ValueError
        If a value is outside 0..65535.
    """
    return relabel(labelmap, [0, *values])


class _RankOrder:
    """Work labels in painting order: position 0 is background, the last wins over all.

    `place_of` gives the position of each label, shape (1 + number of labels,).
    """

    def __init__(self, work: Sequence[WorkLabel]) -> None:
        by_rank = sorted(work, key=lambda entry: entry.rank)
        self._label_at = np.array([0, *(entry.label for entry in by_rank)], dtype=np.uint16)
        self.place_of = np.zeros(len(work) + 1, dtype=np.uint16)
        self.place_of[self._label_at] = np.arange(len(work) + 1)

    def winner(self, claimed: Labels) -> Labels:
        """Work label of the highest rank in each row, shape (n,); claimed: shape (n, k)."""
        highest = np.zeros(claimed.shape[0], dtype=np.uint16)
        for column in claimed.T:
            np.maximum(highest, self.place_of[column], out=highest)
        return self._label_at[highest]


def _count_pairs(pairs: PairCounts, claimed: Labels, winner: Labels, window: Refinement) -> None:
    differs = (claimed != winner[:, None]) & (claimed != 0)
    rows = np.flatnonzero(differs.any(axis=1))
    if not rows.size:
        return
    won = winner[rows]
    voxels = (window.stop - window.start)[rows]
    # Sorted, several sources with one claim stand side by side: the first of them counts.
    claims = np.sort(np.where(differs[rows], claimed[rows], np.uint16(0)), axis=1)
    first = claims != 0
    first[:, 1:] &= claims[:, 1:] != claims[:, :-1]
    row, column = np.nonzero(first)
    pairs.add(won[row], claims[row, column], voxels[row])


def _count_cells(cells: Sequence[PairCounts], winner: Labels, window: Refinement) -> None:
    voxels = window.stop - window.start
    for counts, column in zip(cells, window.labels.T, strict=True):
        inside = np.flatnonzero(column)
        counts.add(column[inside], winner[inside], voxels[inside])


def _sums(
    keys: NDArray[np.int64], voxels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sum the voxels of equal keys."""
    if not keys.size:
        return keys, voxels
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[first], np.add.reduceat(voxels[order], first)
