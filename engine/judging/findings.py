"""Findings: what is not as it must be, in figures that no array orientation changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.faults import Faults
from vesalius.engine.plan.where import Per
from vesalius.engine.runs.build import coordinates
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import (
    MICRON_MM,
    PHASE,
    Measures,
    in_microns,
    measure_groups,
)

Values = tuple[tuple[str, float], ...]

_NANO_ML = 1e-9


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
    note : str
        What the figures do not say.
    source : str
        What is called the source that it is about; empty where it is about the whole map.
    """

    kind: str
    labels: tuple[int, ...]
    voxels: int = 0
    ml: float = 0.0
    at_mm: tuple[float, float, float] | None = None
    at_ijk: tuple[int, int, int] | None = None
    values: Values = ()
    note: str = ""
    source: str = ""


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
    return _findings(faults, faults.part, faults.measures, kind, values)


def findings_by_label(faults: Faults | None, kind: str) -> tuple[Finding, ...]:
    """Return one finding per label, with the number of its parts."""
    if faults is None:
        return ()
    present = distinct(faults.label)
    row_of_part = np.searchsorted(present, faults.label)
    parts = np.bincount(row_of_part, minlength=present.size)
    values = [(("parts", float(count)),) for count in parts]
    row = row_of_part[faults.part]
    return _findings(faults, row, measure_groups(faults.runs, row, present.size), kind, values)


def findings_per(per: Per, faults: Faults | None, kind: str) -> tuple[Finding, ...]:
    """Return one finding per part where parts are judged as such, else one per label."""
    return (findings_by_part if per == "component" else findings_by_label)(faults, kind)


def _findings(
    faults: Faults,
    group: NDArray[np.integer[Any]],
    measures: Measures,
    kind: str,
    values: Sequence[Values] | None,
) -> tuple[Finding, ...]:
    n, grid = len(measures), faults.runs.grid
    code = distinct(group.astype(np.int64) * 65536 + faults.runs.label)
    labels: list[list[int]] = [[] for _ in range(n)]
    for at, label in zip((code // 65536).tolist(), (code % 65536).tolist(), strict=True):
        labels[at].append(label)
    nearest = nearest_voxels(faults.runs, group, measures.centre_ijk).tolist()
    nearest_ijk = [(i, j, k) for i, j, k in nearest]
    centre_mm = [_in_mm(row) for row in in_microns(measures.centre_mm).tolist()]
    voxels = measures.voxels.tolist()
    return tuple(
        Finding(
            kind,
            tuple(labels[at]),
            voxels[at],
            in_ml(grid, voxels[at]),
            centre_mm[at],
            nearest_ijk[at],
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
    begins = np.ones(order.size, dtype=bool)
    np.not_equal(groups[order[1:]], groups[order[:-1]], out=begins[1:])
    first = order[begins]
    return np.asarray(voxels[first])


def in_ml(grid: Grid, voxels: int) -> float:
    """Return the volume of some voxels, the same in all orientations of the array."""
    return round(float(np.rint(voxels * grid.voxel_ml / _NANO_ML + PHASE)) * _NANO_ML, 9)


def position(xyz_mm: Iterable[float]) -> tuple[float, float, float]:
    """Return a position to 1e-6 mm, the same in all orientations of the array."""
    return _in_mm(in_microns(np.array(list(xyz_mm), dtype=np.float64)).tolist())


def _in_mm(microns: Iterable[int]) -> tuple[float, float, float]:
    x, y, z = (round(float(c) * MICRON_MM, 6) + 0.0 for c in microns)
    return x, y, z


def triple(values: Iterable[Any]) -> tuple[int, int, int]:
    """Return three plain integers."""
    i, j, k = (int(v) for v in values)
    return i, j, k
