"""Components of labels alone: of those of all labels, and by more neighbours of those by fewer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.faults import take_runs
from vesalius.engine.judging.measure_rows import stacked
from vesalius.engine.runs.build import concatenated, coordinates
from vesalius.engine.runs.components import Components, components, in_turn, order_columns
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.labelmap import LabelMap, Positions
from vesalius.engine.runs.ranges import ranges

Order: TypeAlias = slice | NDArray[np.signedinteger[Any]]

_BESIDE = tuple((row, layer) for row in (-1, 0, 1) for layer in (-1, 0, 1) if row or layer)
"""Steps to the lines around one, along the middle and the slowest axis."""


def taken_apart(found: Components, each: Sequence[LabelMap], order: Order) -> Iterator[Components]:
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
            found.measures.take(own).numbered(),
        )
        begin, first = end, last[label]


def joined_at_corners(each: Sequence[Components], connectivity: int) -> list[Components]:
    """Return the components of labels by more neighbours, as if they were searched for.

    Most voxels of a label are in its largest component. So only the others, mostly small, are asked
    for what lies around them, in place of a search through all runs in more directions.

    Parameters
    ----------
    each : sequence of Components
        The 6-connected components of each label alone, ascending; at least one label.
    connectivity : int
        18 or 26.

    Returns
    -------
    list of Components
        One per label; those given where no two of them touch.
    """
    count = [len(own) for own in each]
    stop = np.cumsum(count)
    group = _united(int(stop[-1]), _meeting(each, (stop - count).tolist(), connectivity))
    order = np.argsort(group, kind="stable")
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    label = np.concatenate([own.label for own in each])[order[first]]
    rows = stacked(each[0].labelmap, [own.measures for own in each])
    measures = rows.take(order).pooled(first, label)
    order, tied = in_turn(order_columns(label, measures))
    number = np.empty_like(order)
    number[order] = np.arange(order.size)
    measures, begin, joined = measures.take(order), 0, []
    for own, last in zip(each, stop.tolist(), strict=True):
        groups = group[last - len(own) : last]
        chosen = distinct(groups)
        rows_of_label = slice(begin, begin + chosen.size)
        begin += chosen.size
        if chosen.size == len(own):
            joined.append(own)
        elif tied[chosen].any():
            joined.append(components(own.labelmap, connectivity))
        else:
            of_run = (number[groups] - rows_of_label.start).astype(np.int32)[own.of_run]
            found = measures.take(rows_of_label).numbered()
            joined.append(Components(own.labelmap, of_run, own.label[: len(found)], found))
    return joined


def _meeting(
    each: Sequence[Components], begin: Sequence[int], connectivity: int
) -> NDArray[np.int64]:
    """Return which components of a label meet in lines beside each other, shape (n, 2).

    Components are numbered through all labels; `begin` is the first of each.
    """
    rows = [np.flatnonzero(own.of_run) for own in each]
    few = [take_runs(own.labelmap, of_label) for own, of_label in zip(each, rows, strict=True)]
    around = _around(concatenated(few), connectivity)
    met, done = [np.empty((0, 2), dtype=np.int64)], 0
    for own, first, of_label in zip(each, begin, rows, strict=True):
        start, stop = around[:, :, done : done + of_label.size].reshape(2, -1)
        done += of_label.size
        at = np.searchsorted(own.labelmap.stop, start, side="right")
        count = np.searchsorted(own.labelmap.start, stop, side="left") - at
        one = np.repeat(np.tile(own.of_run[of_label], len(_BESIDE)), count)
        other = own.of_run[ranges(at, count)]
        apart = one != other
        met.append(np.stack((one[apart], other[apart]), axis=1) + np.int64(first))
    return np.concatenate(met)


def _around(runs: LabelMap, connectivity: int) -> Positions:
    """Return where the neighbours of runs lie in the lines around them.

    Returns
    -------
    ndarray, shape (2, 8, number of runs)
        Start and stop in each line, of the type of the runs; 0 where that is not in the grid.
    """
    line, middle, slow = runs.shape_in_memory
    where = coordinates(runs)
    around = np.zeros((2, len(_BESIDE), len(runs)), dtype=runs.start.dtype)
    for place, (row, layer) in enumerate(_BESIDE):
        to_middle, to_slow = where.middle + row, where.slow + layer
        there = (to_middle >= 0) & (to_middle < middle) & (to_slow >= 0) & (to_slow < slow)
        # Beside and ahead is an edge; beside, above and ahead is a corner.
        wide = int(connectivity == 26 or not row or not layer)
        shift = (row + layer * middle) * line
        around[0, place] = (runs.start + shift - np.minimum(where.begin, wide)) * there
        around[1, place] = (runs.stop + shift + np.minimum(line - where.end, wide)) * there
    return around


def _united(n: int, pairs: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the group of each of n things of which some are in one group, by its first thing."""
    root = np.arange(n)
    one, other = pairs.T
    while (apart := root[one] != root[other]).any():
        ends = np.sort(root[pairs[apart]], axis=1)
        # A root with a smaller one beside it goes to it, so that at most half of them are left.
        np.minimum.at(root, ends[:, 1], ends[:, 0])
        while (above := root[root]).tobytes() != root.tobytes():
            root = above
    return np.searchsorted(distinct(root), root)
