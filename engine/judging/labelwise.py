"""What is known of each label of a map by itself, and kept through edits.

Finding the components of a hundred labels one after the other costs many times what one pass over
all of them does. What a label is does not depend on others: so it is found for all labels at once,
any choice of labels is put together from what is known of each, and after an edit only the labels
that it wrote are looked at again, where they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.faults import take_runs
from vesalius.engine.runs.components import Components, components
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures, measure
from vesalius.engine.runs.picked import Picked, picked_runs, runs_by_label

Order: TypeAlias = slice | NDArray[np.signedinteger[Any]]

# A larger part of the runs is picked out of the whole map; a smaller one is sorted.
_PICK_SHARE = 8


@dataclass(eq=False)
class _Own:
    """What is known of one label; all maps that have it as it is here share this.

    Parameters
    ----------
    runs : LabelMap
        Its runs.
    written : bool
        Whether an edit wrote it.
    measures : Measures or None
        Its one row; None where not known yet.
    pieces : dict of int to Components
        Its components by connectivity, where known.
    """

    runs: LabelMap
    written: bool
    measures: Measures | None = None
    pieces: dict[int, Components] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Labelwise:
    """A map and what is known of its labels; nothing is made before it is asked for.

    Parameters
    ----------
    work : LabelMap
        The map.
    """

    work: LabelMap
    _kept: Mapping[int, _Own] = field(default_factory=dict)

    def after(self, work: LabelMap, written: Iterable[int]) -> Labelwise:
        """Return what is known after an edit: of what it did not write, the same.

        Parameters
        ----------
        work : LabelMap
            The map after it.
        written : iterable of int
            Every label that gained or lost a voxel.
        """
        lost = frozenset(written)
        kept = {label: own for label, own in self._labels.items() if label not in lost}
        return Labelwise(work, kept)

    @property
    def labels_there(self) -> Collection[int]:
        """The labels that have voxels."""
        return self._labels.keys()

    def present(self, labels: Sequence[int]) -> tuple[int, ...]:
        """Return those of the labels that have voxels, in the order given."""
        known = self._labels
        return tuple(label for label in labels if label in known)

    def part(self, labels: Sequence[int]) -> LabelMap:
        """Return the runs of some labels, as they are."""
        return self._together(labels)[0]

    def measures(self, labels: Sequence[int]) -> Measures:
        """Return counts, boxes and centres of those of the labels that are present, ascending."""
        present = self._present(labels)
        unknown = self._unknown(present, lambda own: own.measures is None)
        if unknown:
            found = measure(self.part(unknown))
            for at, label in enumerate(unknown):
                self._labels[label].measures = take_measures(found, slice(at, at + 1))
        rows = [self._labels[label].measures for label in present]
        return stacked(self.work, [row for row in rows if row is not None])

    def components(self, labels: Sequence[int], connectivity: int) -> Components:
        """Return the components of some labels, as components of :meth:`part` of them."""
        each = self.components_of_each(labels, connectivity)
        if len(each) == 1:
            return each[0]
        runs, order = self._together(labels)
        first = np.cumsum([0, *map(len, each)])[:-1].tolist()
        number = [pieces.of_run + np.int32(at) for pieces, at in zip(each, first, strict=True)]
        of_run = np.concatenate([np.empty(0, dtype=np.int32), *number])[order]
        labels_of = np.concatenate([np.empty(0, dtype=np.uint16), *(own.label for own in each)])
        measures = _numbered(stacked(self.work, [own.measures for own in each]))
        return Components(runs, of_run, labels_of, measures)

    def components_of_each(self, labels: Sequence[int], connectivity: int) -> list[Components]:
        """Return the components of each of those of the labels that are present, ascending."""
        present = self._present(labels)
        unknown = self._unknown(present, lambda own: connectivity not in own.pieces)
        if unknown:
            runs, order = self._together(unknown)
            found = components(runs, connectivity)
            alone = [self._labels[label].runs for label in unknown]
            for label, pieces in zip(unknown, _taken_apart(found, alone, order), strict=True):
                self._labels[label].pieces[connectivity] = pieces
        return [self._labels[label].pieces[connectivity] for label in present]

    def _present(self, labels: Sequence[int]) -> list[int]:
        return [label for label in sorted(set(labels)) if label in self._labels]

    def _unknown(self, asked: Sequence[int], lacks: Callable[[_Own], bool]) -> list[int]:
        """Return the labels to find something of: those asked for that lack it.

        The first time all labels that no edit wrote are found at once.
        """
        missing = [label for label in asked if lacks(self._labels[label])]
        if all(self._labels[label].written for label in missing):
            return missing
        at_first = {n for n, own in self._labels.items() if not own.written and lacks(own)}
        return sorted(at_first.union(missing))

    @cached_property
    def _labels(self) -> Mapping[int, _Own]:
        """What is known of each label that is present; new ones are taken out in one pass."""
        known = dict(self._kept)
        missing = [label for label in self.work.labels().tolist() if label not in known]
        if not missing:
            return known
        written = bool(known)
        counts = self._counts[missing].tolist()
        # Of a new map all runs are taken out, and their order is asked for soon.
        found = runs_by_label(self.work, missing, counts) if written else self._all_by_label
        by_label, stops = found.runs, np.cumsum(counts).tolist()
        for label, start, stop in zip(missing, [0, *stops], stops, strict=False):
            known[label] = _Own(take_runs(by_label, slice(start, stop)), written)
        return known

    @cached_property
    def _all_by_label(self) -> Picked:
        """All runs label by label."""
        labels = self.work.labels().tolist()
        return runs_by_label(self.work, labels, self._counts[labels].tolist())

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        """Number of runs of each label."""
        return np.bincount(self.work.label, minlength=1)

    def _together(self, labels: Sequence[int]) -> tuple[LabelMap, Order]:
        """Return the runs of some labels, and their order among those of each, label by label."""
        present = self._present(labels)
        each = [self._labels[label].runs for label in present]
        if len(each) == 1:
            return each[0], slice(None)
        counts = [len(runs) for runs in each]
        if sum(counts) == len(self.work):
            return self.work, self._all_by_label.row
        if _PICK_SHARE * sum(counts) > len(self.work):
            picked = picked_runs(self.work, present, counts)
            return picked.runs, picked.row
        start = np.concatenate([self.work.start[:0], *(runs.start for runs in each)])
        stop = np.concatenate([self.work.stop[:0], *(runs.stop for runs in each)])
        label = np.concatenate([self.work.label[:0], *(runs.label for runs in each)])
        order = _sorting(start)
        grid, axes = self.work.grid, self.work.axes
        return LabelMap(grid, axes, start[order], stop[order], label[order]), order


def _sorting(start: NDArray[np.signedinteger[Any]]) -> NDArray[np.int64]:
    """Return the order of positions that all differ."""
    if start.dtype != np.int32:
        return np.argsort(start, kind="stable")
    # Position and place in one word: numpy sorts words several times faster than it orders.
    word = start.astype(np.int64) << 32
    word |= np.arange(start.size, dtype=np.int64)
    word.sort()
    word &= 0xFFFFFFFF
    return word


def _taken_apart(found: Components, each: Sequence[LabelMap], order: Order) -> Iterator[Components]:
    """Yield the components of each of some labels alone.

    Given are the runs of each label, ascending, and the order of all of them among these.
    """
    of_run = np.empty_like(found.of_run)
    of_run[order] = found.of_run
    begin = first = 0
    # They are in the order of labels.
    last = np.cumsum(np.bincount(found.label, minlength=1)).tolist()
    for runs in each:
        label, end = int(runs.label[0]), begin + len(runs)
        own = slice(first, last[label])
        yield Components(
            runs,
            of_run[begin:end] - np.int32(first),
            found.label[own],
            _numbered(take_measures(found.measures, own)),
        )
        begin, first = end, last[label]


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


def _numbered(found: Measures) -> Measures:
    """Give the rows the numbers 0..n-1."""
    return Measures(
        found.grid,
        np.arange(len(found)),
        found.voxels,
        found.box_lo,
        found.box_hi,
        found.index_sum,
    )
