"""What is known of each label of a map by itself, and kept through edits.

Finding the components of a hundred labels one after the other costs many times what one pass over
all of them does. What a label is does not depend on others: so it is found for all labels at once,
any choice of labels is put together from what is known of each, and after an edit only the labels
that it wrote are looked at again, where they are asked for.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Mapping,
    MutableMapping,
    Sequence,
)
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.alone import Order, joined_at_corners, taken_apart
from vesalius.engine.judging.changes import Changes
from vesalius.engine.judging.edits_in_turn import after_all, as_one
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.judging.label_changes import LabelChange
from vesalius.engine.judging.measure_rows import stacked
from vesalius.engine.runs.components import Components, components
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures, measure
from vesalius.engine.runs.picked import Picked, picked_runs, runs_by_label
from vesalius.engine.runs.repaint import repaint

T = TypeVar("T")
# Components by these neighbours are found by a search, by more of them out of these.
FACES = 6
# Where more of the runs of a label are outside of its largest component, all are searched.
_SEARCHED_SHARE = 10
# A larger part of the runs is picked out of the whole map; a smaller one is sorted.
_PICK_SHARE = 8
# A larger edit is made to the whole map, not to what is looked at of it each time.
_EDITED_SHARE = 8


@dataclass(eq=False)
class _Own:
    """What is known of one label; all maps that have it as it is here share this.

    Parameters
    ----------
    voxels : int
        How many it has.
    written : bool
        Whether an edit wrote it.
    made : callable
        Makes its runs, when they are first asked for.
    measures : Measures or None
        Its one row; None where not known yet.
    pieces : dict of int to Components
        Its components by connectivity, where known.
    facts : dict
        What else is known of it by itself.
    """

    voxels: int
    written: bool
    made: Callable[[], LabelMap] | None
    measures: Measures | None = None
    pieces: dict[int, Components] = field(default_factory=dict)
    facts: dict[Hashable, Any] = field(default_factory=dict)

    @cached_property
    def runs(self) -> LabelMap:
        """Its runs."""
        assert self.made is not None
        runs, self.made = self.made(), None
        return runs

    def after(self, change: LabelChange) -> _Own:
        """Return the same label after a change."""

        def made() -> LabelMap:
            label = np.where(change.gained, np.uint16(change.label), np.uint16(0))
            return repaint(self.runs, change.start, change.stop, label).labelmap

        return _Own(self.voxels + change.voxels, written=True, made=made)


OwnByState: TypeAlias = MutableMapping[tuple[int, int], _Own]
"""What is known of labels by label and version, of all maps of a case."""


class Labelwise:
    """A map and what is known of its labels; nothing is made before it is asked for.

    Parameters
    ----------
    work : LabelMap
        The map.
    """

    def __init__(self, work: LabelMap) -> None:
        self._nothing = take_runs(work, slice(0, 0))
        self._made: LabelMap | None = work
        self._edit: tuple[Labelwise, Changes] | None = None
        self._kept: Mapping[int, _Own] | None = None
        self._picked: tuple[list[int], Picked] | None = None
        # About, for maps that are not made yet.
        self._runs = len(work)

    def after(
        self,
        found: Changes,
        changes: Sequence[LabelChange],
        versions: Mapping[int, int],
        known: OwnByState,
        work: LabelMap | None = None,
    ) -> Labelwise:
        """Return what is known after an edit: of what it did not write, the same.

        Parameters
        ----------
        found : Changes
            What it changed.
        changes : sequence of LabelChange
            The same of each label.
        versions : mapping of int to int
            Versions of the labels after it.
        known : mapping
            What is known of the same labels in other maps; it is added to.
        work : LabelMap, optional
            The map after it, where it is known.
        """
        labels, nothing = dict(self._labels), self._nothing
        for change in changes:
            own = labels.pop(change.label, None)
            if change.label == 0 or not (own.voxels if own else 0) + change.voxels:
                continue
            state = change.label, versions[change.label]
            there = known.get(state)
            if there is None:
                own = own or _Own(0, written=True, made=lambda: nothing)
                known[state] = there = own.after(change)
            labels[change.label] = there
        after = Labelwise(self._nothing)
        after._made, after._edit = work, None if work is not None else (self, found)
        after._kept, after._runs = labels, self._runs
        return after

    @property
    def work(self) -> LabelMap:
        """The map."""
        made, edits = self._pending()
        self._made, self._edit = after_all(made, edits), None
        return self._made

    def near(self, pick: Callable[[LabelMap], LabelMap]) -> LabelMap:
        """Return what is taken out of the map, without making all of it.

        Parameters
        ----------
        pick : callable
            Gives those runs of a map that lie in some lines.
        """
        made, edits = self._pending()
        if _EDITED_SHARE * sum(edit.start.size for edit in edits) > self._runs:
            return pick(self.work)
        return pick(after_all(pick(made), edits)) if edits else pick(made)

    def _pending(self) -> tuple[LabelMap, list[Changes]]:
        """Return the map that this one is made of, and what is to be done to it, as one edit."""
        edits, at = [], self
        while at._made is None and at._edit is not None:
            at, found = at._edit
            edits.append(found)
        together = as_one(self._nothing, edits[::-1])
        if len(together) < len(edits):
            self._edit = at, together[0]
        return self._nothing if at._made is None else at._made, together

    @property
    def nothing(self) -> LabelMap:
        """The map without its runs; for its grid and axes alone no map is made."""
        return self._nothing

    @property
    def grid(self) -> Grid:
        """The grid of the map."""
        return self._nothing.grid

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
        own, present = self._labels, self._present(labels)
        unknown = self._unknown(present, lambda one: one.measures is None)
        for one in (own[label] for label in unknown):
            if FACES in one.pieces:
                one.measures = one.pieces[FACES].by_label()
        unknown = [label for label in unknown if own[label].measures is None]
        if unknown:
            found = measure(self.part(unknown))
            for at, label in enumerate(unknown):
                own[label].measures = found.take(slice(at, at + 1))
        rows = [own[label].measures for label in present]
        return stacked(self._nothing, [row for row in rows if row is not None])

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
        measures = stacked(self._nothing, [own.measures for own in each]).numbered()
        return Components(runs, of_run, labels_of, measures)

    def components_of_each(self, labels: Sequence[int], connectivity: int) -> list[Components]:
        """Return the components of each of those of the labels that are present, ascending."""
        own, present = self._labels, self._present(labels)
        unknown = self._unknown(present, lambda one: connectivity not in one.pieces)
        if unknown and connectivity != FACES:
            unknown = self._all_but_joined(unknown, connectivity)
        if unknown:
            runs, order = self._together(unknown)
            found = components(runs, connectivity)
            alone = [own[label].runs for label in unknown]
            for label, pieces in zip(unknown, taken_apart(found, alone, order), strict=True):
                own[label].pieces[connectivity] = pieces
        return [own[label].pieces[connectivity] for label in present]

    def _all_but_joined(self, labels: list[int], connectivity: int) -> list[int]:
        """Put together components of labels; return the labels for which a search is cheaper."""
        faces = dict(zip(labels, self.components_of_each(labels, FACES), strict=True))
        mostly_one = {
            label: pieces
            for label, pieces in faces.items()
            if _SEARCHED_SHARE * np.count_nonzero(pieces.of_run) <= pieces.of_run.size
        }
        if mostly_one:
            joined = joined_at_corners(list(mostly_one.values()), connectivity)
            for label, pieces in zip(mostly_one, joined, strict=True):
                self._labels[label].pieces[connectivity] = pieces
        return [label for label in labels if label not in mostly_one]

    def knows_most(self, labels: Sequence[int], connectivity: int) -> bool:
        """Tell whether components of some labels are known but for those that an edit wrote."""
        known = self._labels
        own = (known[label] for label in self._present(labels))
        return all(each.written or connectivity in each.pieces for each in own)

    def main_measures(self, labels: Sequence[int], connectivity: int, share: float) -> Measures:
        """Return the measures of the main components of those of the labels that are present.

        Parameters
        ----------
        labels : sequence of int
            The labels.
        connectivity : int
            Of components.
        share : float
            The largest of a label and those with at least this share of its voxels count together.

        Returns
        -------
        Measures
            One row per label, ascending.
        """
        each = self.components_of_each(labels, connectivity)
        m = stacked(self._nothing, [found.measures for found in each])
        label = np.array([int(found.label[0]) for found in each], dtype=np.uint16)
        # Of a label the largest comes first.
        count = np.array([len(found) for found in each], dtype=np.intp)
        begin = np.cumsum(count) - count
        rows = np.flatnonzero(m.voxels >= share * np.repeat(m.voxels[begin], count))
        return m.take(rows).pooled(np.searchsorted(rows, begin), label)

    def main_runs(self, labels: Sequence[int], connectivity: int, share: float) -> LabelMap:
        """Return the runs of what :meth:`main_measures` measures."""
        found = self.components(labels, connectivity)
        main = found.voxels >= share * found.largest
        return take_runs(found.labelmap, np.flatnonzero(main[found.of_run]))

    def facts(
        self, labels: Sequence[int], key: Hashable, find: Callable[[list[int]], Mapping[int, T]]
    ) -> dict[int, T]:
        """Return what is known of each of those of the labels that are present, ascending.

        Parameters
        ----------
        labels : sequence of int
            The labels.
        key : hashable
            What is asked for; it depends on the voxels of each label alone, and on what this names.
        find : callable
            Finds it of some labels.
        """
        own, present = self._labels, self._present(labels)
        unknown = [label for label in present if key not in own[label].facts]
        if unknown:
            for label, fact in find(unknown).items():
                own[label].facts[key] = fact
        return {label: own[label].facts[key] for label in present}

    def _present(self, labels: Sequence[int]) -> list[int]:
        known = self._labels
        return sorted({label for label in labels if label in known})

    def _unknown(self, asked: Sequence[int], lacks: Callable[[_Own], bool]) -> list[int]:
        """Return the labels to find something of: those asked for that lack it.

        The first time all labels that no edit wrote are found at once.
        """
        known = self._labels
        missing = [label for label in asked if lacks(known[label])]
        if all(known[label].written for label in missing):
            return missing
        at_first = {n for n, own in known.items() if not own.written and lacks(own)}
        return sorted(at_first.union(missing))

    @property
    def _labels(self) -> Mapping[int, _Own]:
        """What is known of each label that is present; of a new map all are taken out at once."""
        if self._kept is None:
            found, known = self._all_by_label.runs, {}
            voxels = self.work.voxels_by_label.tolist()
            stops = np.cumsum(self._counts).tolist()
            for label, (start, stop) in enumerate(itertools.pairwise([0, *stops])):
                if stop > start:
                    rows = slice(start, stop)
                    made = functools.partial(take_runs, found, rows)
                    known[label] = _Own(voxels[label], written=False, made=made)
            self._kept = known
        return self._kept

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
        own, present = self._labels, self._present(labels)
        each = [own[label].runs for label in present]
        if len(each) == 1:
            return each[0], slice(None)
        counts = [len(runs) for runs in each]
        if len(present) == len(own):
            return self.work, self._all_by_label.row
        if _PICK_SHARE * sum(counts) > self._runs:
            # A judge asks for the runs of all its labels, and for the components of them.
            if self._picked is None or self._picked[0] != present:
                self._picked = present, picked_runs(self.work, present, counts)
            return self._picked[1]
        start = np.concatenate([self._nothing.start, *(runs.start for runs in each)])
        stop = np.concatenate([self._nothing.stop, *(runs.stop for runs in each)])
        label = np.concatenate([self._nothing.label, *(runs.label for runs in each)])
        # Those of each label ascend: a stable sort merges them, many times faster than others sort.
        order = np.argsort(start, kind="stable")
        grid, axes = self._nothing.grid, self._nothing.axes
        return LabelMap(grid, axes, start[order], stop[order], label[order]), order
