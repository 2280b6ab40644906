"""What is found when a step is judged, and what became of the step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.components import components
from vesalius.engine.grid import Grid
from vesalius.engine.labelmap import LabelMap, Labels
from vesalius.engine.measure import MICRON_MM, Measures, in_microns, measure_groups
from vesalius.engine.runs import coordinates

Status = Literal["changed", "holds", "violated", "skipped", "failed"]
Values = tuple[tuple[str, float], ...]

_NANO_ML = 1e-9
_PHASE = 0.2817


class Missing(Exception):
    """What a step needs (an anchor, the image) is missing; the text says what and why."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be.

    Parameters
    ----------
    kind : str
        What is wrong, in a word or two.
    labels : tuple of int
        The work labels it is about.
    voxels : int
        Voxels at fault; 0 where it is not about voxels.
    ml : float
        Their volume.
    at_mm : tuple of float or None
        Centre of the voxels at fault (RAS+), to 1e-6 mm; None where there is no place.
    at_ijk : tuple of int or None
        The voxel at fault that is nearest to that centre.
    values : tuple of (str, float)
        Figures that tell how far off it is, by name.
    """

    kind: str
    labels: tuple[int, ...]
    voxels: int = 0
    ml: float = 0.0
    at_mm: tuple[float, float, float] | None = None
    at_ijk: tuple[int, int, int] | None = None
    values: Values = ()


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
    """

    runs: LabelMap
    part: NDArray[np.int32]
    label: Labels
    measures: Measures
    target: Labels | None = None

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
        m = self.measures
        measures = Measures(
            m.grid,
            np.arange(int(kept.sum())),
            m.voxels[kept],
            m.box_lo[kept],
            m.box_hi[kept],
            m.index_sum[kept],
        )
        target = None if self.target is None else self.target[kept]
        runs = take_runs(self.runs, rows)
        return Faults(runs, number[self.part[rows]], self.label[kept], measures, target)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What an expectation says of a map.

    It holds where there is no finding and nothing is missing.

    Parameters
    ----------
    findings : tuple of Finding
        What is wrong; some of it may not be about parts, and so not be repairable.
    faults : Faults or None
        The parts that a repair is to move; None where there are none.
    missing : str or None
        Why nothing can be said; then there are no findings.
    """

    findings: tuple[Finding, ...] = ()
    faults: Faults | None = None
    missing: str | None = None

    @property
    def holds(self) -> bool:
        """Whether all is as it must be."""
        return not self.findings and self.missing is None


@dataclass(frozen=True)
class Move:
    """Voxels that a step took from one label and gave to another; 0 is background.

    Parameters
    ----------
    source, target : int
        The two labels.
    voxels : int
        How many voxels.
    ml : float
        Their volume.
    box_ijk : tuple of two tuples of int
        Smallest voxel indices and one more than the largest.
    """

    source: int
    target: int
    voxels: int
    ml: float
    box_ijk: tuple[tuple[int, int, int], tuple[int, int, int]]


@dataclass(frozen=True)
class Outcome:
    """What became of one step.

    Parameters
    ----------
    rule : str
        Token of the rule.
    status : {"changed", "holds", "violated", "skipped", "failed"}
        Exactly one. A step that failed left the map as it was.
    reason : str
        Why; empty where the status says it all.
    findings : tuple of Finding
        What was found before anything was changed.
    remaining : tuple of Finding
        What is still so after the step.
    moves : tuple of Move
        What was changed, by source and target label.
    excludes : bool
        Whether the case is to be left out because of this.
    seconds : float
        Wall-clock time; not part of equality.
    """

    rule: str
    status: Status
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    remaining: tuple[Finding, ...] = ()
    moves: tuple[Move, ...] = ()
    excludes: bool = False
    seconds: float = field(default=0.0, compare=False)

    def timed(self, seconds: float) -> Outcome:
        """Return the same outcome with its time."""
        return replace(self, seconds=seconds)


# Building verdicts ------------------------------------------------------------------------------


def take_runs(labelmap: LabelMap, rows: NDArray[Any]) -> LabelMap:
    """Return some runs of a map, by mask or by ascending run numbers, as they are."""
    start, stop, label = labelmap.start[rows], labelmap.stop[rows], labelmap.label[rows]
    return LabelMap(labelmap.grid, labelmap.axes, start, stop, label)


def connected_faults(
    runs: LabelMap, connectivity: int = 6, key: ArrayLike | None = None
) -> Faults | None:
    """Make the parts of voxels at fault: their connected components.

    Parameters
    ----------
    runs : LabelMap
        The runs at fault; equal ones may touch.
    connectivity : int
        6, 18 or 26.
    key : array_like of int, optional
        As in :func:`vesalius.engine.components.components`: labels of one key are pooled.

    Returns
    -------
    Faults or None
        Parts in the order of components; None where there are no voxels.
    """
    if not len(runs):
        return None
    found = components(runs, connectivity, key)
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
    width = runs.largest + 1
    code, row = np.unique(part.astype(np.int64) * width + runs.label, return_inverse=True)
    voxels = np.bincount(row, weights=runs.lengths, minlength=code.size)
    owner, label = np.divmod(code, width)
    order = np.lexsort((label, -voxels, owner))
    first = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
    result = np.zeros(n, dtype=np.uint16)
    result[owner[first]] = label[first]
    return result


def findings_by_part(
    faults: Faults | None, kind: str, values: Sequence[Values] | None = None
) -> tuple[Finding, ...]:
    """Return one finding per part.

    Parameters
    ----------
    faults : Faults or None
        The parts.
    kind : str
        What is wrong with each.
    values : sequence of Values, optional
        Figures of each part.
    """
    if faults is None:
        return ()
    return _findings(faults, faults.part, len(faults), kind, values)


def findings_by_label(faults: Faults | None, kind: str) -> tuple[Finding, ...]:
    """Return one finding per label, with the number of its parts."""
    if faults is None:
        return ()
    present = np.unique(faults.label)
    row_of_part = np.searchsorted(present, faults.label)
    parts = np.bincount(row_of_part, minlength=present.size)
    values = [(("parts", float(count)),) for count in parts]
    return _findings(faults, row_of_part[faults.part], present.size, kind, values)


def _findings(
    faults: Faults,
    group: NDArray[np.integer[Any]],
    n: int,
    kind: str,
    values: Sequence[Values] | None,
) -> tuple[Finding, ...]:
    measures = measure_groups(faults.runs, group, n)
    grid = faults.runs.grid
    code = np.unique(group.astype(np.int64) * 65536 + faults.runs.label)
    labels: list[list[int]] = [[] for _ in range(n)]
    for at, label in zip(code // 65536, code % 65536, strict=True):
        labels[at].append(int(label))
    nearest = nearest_voxels(faults.runs, group, measures.centre_ijk)
    return tuple(
        Finding(
            kind,
            tuple(labels[at]),
            int(measures.voxels[at]),
            in_ml(grid, int(measures.voxels[at])),
            position(measures.centre_mm[at]),
            triple(nearest[at]),
            () if values is None else values[at],
        )
        for at in range(n)
    )


def nearest_voxels(
    runs: LabelMap, group: NDArray[np.integer[Any]], centre_ijk: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the voxel of each group that is nearest, in mm, to a point.

    Parameters
    ----------
    runs : LabelMap
        The runs.
    group : ndarray of int, shape (number of runs,)
        Group of each run.
    centre_ijk : ndarray of float, shape (n, 3)
        A point for each group; every group has a run.

    Returns
    -------
    ndarray of int64, shape (n, 3)
        Voxel indices i, j, k. Of equally near voxels the one with the smallest patient
        position.
    """
    where = coordinates(runs)
    fast, middle, slow = runs.axes
    matrix = runs.grid.affine[:3, :3]
    offset = np.empty((len(runs), 3))
    target = centre_ijk[group]
    offset[:, fast] = where.begin - target[:, fast]
    offset[:, middle] = where.middle - target[:, middle]
    offset[:, slow] = where.slow - target[:, slow]
    along = matrix[:, fast]
    # The voxels of a run lie on a line: the foot of the perpendicular, clipped to the run.
    foot = -(offset @ (matrix.T @ along)) / (along @ along)
    ijk = np.empty((2, len(runs), 3), dtype=np.int64)
    last = where.end - where.begin - 1
    for row, rounded in enumerate((np.floor(foot), np.ceil(foot))):
        ijk[row, :, fast] = where.begin + np.clip(rounded, 0, last).astype(np.int64)
        ijk[row, :, middle] = where.middle
        ijk[row, :, slow] = where.slow
    voxels = ijk.reshape(-1, 3)
    groups = np.tile(group, 2)
    away = (voxels - centre_ijk[groups]) @ matrix.T
    distance = in_microns(np.linalg.norm(away, axis=1))
    place = in_microns(runs.grid.to_mm(voxels))
    order = np.lexsort((place[:, 2], place[:, 1], place[:, 0], distance, groups))
    first = order[np.flatnonzero(np.diff(groups[order], prepend=-1))]
    return np.asarray(voxels[first])


def in_ml(grid: Grid, voxels: int) -> float:
    """Return the volume of some voxels, the same in all orientations of the array."""
    return round(float(np.rint(voxels * grid.voxel_ml / _NANO_ML + _PHASE)) * _NANO_ML, 9)


def position(xyz_mm: Iterable[float]) -> tuple[float, float, float]:
    """Return a position to 1e-6 mm, the same in all orientations of the array."""
    microns = in_microns(np.array(list(xyz_mm), dtype=np.float64))
    x, y, z = (round(float(c) * MICRON_MM, 6) + 0.0 for c in microns)
    return x, y, z


def triple(values: Iterable[Any]) -> tuple[int, int, int]:
    """Return three plain integers."""
    i, j, k = (int(v) for v in values)
    return i, j, k
