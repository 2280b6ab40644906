"""Parts: the voxels at fault, in what a repair moves as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs.components import components
from vesalius.engine.runs.labelmap import LabelMap, Labels
from vesalius.engine.runs.measure import Measures, measure_groups


@dataclass(frozen=True, eq=False)
class Faults:
    """The voxels at fault, in parts. A part is what a repair moves as one.

    Parameters
    ----------
    runs : LabelMap
        The runs at fault only, with their work labels: cut where a plane cuts them, so that
        equal runs may touch. Label 0 stands for background voxels.
    part : ndarray of int, shape (number of runs,)
        Part 0..n-1 of each run.
    label : ndarray of uint16, shape (n,)
        Label of each part; of a part of several labels the one with most voxels, then the
        smaller.
    measures : Measures
        Voxels, boxes and centres of the parts.
    target : ndarray of uint16, shape (n,), or None
        Label that the expectation itself wants each part to have, where it says so.
    all_runs : LabelMap or None
        Where these are only some of the parts: the runs of all of them.
    """

    runs: LabelMap
    part: NDArray[np.int32]
    label: Labels
    measures: Measures
    target: Labels | None = None
    all_runs: LabelMap | None = None

    def __len__(self) -> int:
        """Return the number of parts."""
        return self.label.size

    @property
    def voxels(self) -> NDArray[np.int64]:
        """Voxels of each part, shape (n,)."""
        return self.measures.voxels

    @property
    def centre_mm(self) -> NDArray[np.float64]:
        """Centroids in mm, RAS+, shape (n, 3)."""
        return self.measures.centre_mm

    def only(self, chosen: ArrayLike) -> Faults:
        """Return some of the parts, renumbered in the same order.

        Parameters
        ----------
        chosen : array_like of bool, shape (n,)
            The parts to keep.
        """
        kept = np.asarray(chosen, dtype=bool)
        number = np.cumsum(kept, dtype=np.int32) - np.int32(1)
        rows = np.flatnonzero(kept[self.part])
        measures = self.measures.take(kept).numbered()
        target = None if self.target is None else self.target[kept]
        runs = take_runs(self.runs, rows)
        all_runs = self.runs if self.all_runs is None else self.all_runs
        part = number[self.part[rows]]
        return Faults(runs, part, self.label[kept], measures, target, all_runs)


def take_runs(labelmap: LabelMap, rows: slice | NDArray[Any]) -> LabelMap:
    """Return some runs of a map, by mask, slice or run numbers, as they are."""
    start, stop, label = labelmap.start[rows], labelmap.stop[rows], labelmap.label[rows]
    return LabelMap(labelmap.grid, labelmap.axes, start, stop, label)


def connected_faults(runs: LabelMap, connectivity: int = 6) -> Faults | None:
    """Make the parts of voxels at fault: their connected components.

    Parameters
    ----------
    runs : LabelMap
        The runs at fault; equal ones may touch.
    connectivity : int
        6, 18 or 26.

    Returns
    -------
    Faults or None
        Parts in the order of components; None where there are no voxels.
    """
    if not len(runs):
        return None
    found = components(runs, connectivity)
    return Faults(runs, found.of_run, main_labels(runs, found.of_run, len(found)), found.measures)


def grouped_faults(
    runs: LabelMap, part: ArrayLike, n: int, target: ArrayLike | None = None
) -> Faults | None:
    """Make parts of runs whose part is known.

    Parameters
    ----------
    runs : LabelMap
        The runs at fault.
    part : array_like of int, shape (number of runs,)
        Part 0..n-1 of each run; every part has voxels.
    n : int
        Number of parts.
    target : array_like of int, shape (n,), optional
        Label that each part should have.

    Returns
    -------
    Faults or None
        None where there are no voxels.
    """
    if not len(runs):
        return None
    parts = np.asarray(part, dtype=np.int32)
    measures = measure_groups(runs, parts, n)
    wanted = None if target is None else np.asarray(target, dtype=np.uint16)
    return Faults(runs, parts, main_labels(runs, parts, n), measures, wanted)


def main_labels(runs: LabelMap, part: NDArray[np.int32], n: int) -> Labels:
    """Return the label with most voxels of each part, the smaller of two equal ones."""
    if not runs.label.size or (runs.label == runs.label[0]).all():
        return np.full(n, runs.label[0] if runs.label.size else 0, dtype=np.uint16)
    width = runs.largest + 1
    code, row = np.unique(part.astype(np.int64) * width + runs.label, return_inverse=True)
    voxels = np.bincount(row, weights=runs.lengths, minlength=code.size)
    owner, label = np.divmod(code, width)
    order = np.lexsort((label, -voxels, owner))
    first = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
    result = np.zeros(n, dtype=np.uint16)
    result[owner[first]] = label[first]
    return result
