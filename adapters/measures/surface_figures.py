"""How far two surfaces lie apart: figures of the package surface-distance, on sparse surfaces.

What a surface element is, its area, and every figure come from surface-distance (DeepMind). Its
own search for the nearest element computes the distance of every voxel of the box of both masks;
here only elements are looked up: those nearby by their steps on the lattice, the nearest step
first, and the few that are far from the other surface in a tree of scipy. The result is the same
(tests/measures/test_surfaces.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.surface import Surface, surface
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

PERCENT = 95
_PACKAGE = "surface_distance"
_REACH = 3
"""How many steps along each axis are tried."""


@dataclass(frozen=True)
class SurfaceFigures:
    """Figures of two surfaces that both have an element.

    Parameters
    ----------
    overlap : float
        Share of both surfaces within the tolerance of the other.
    mean_mm : float
        Mean of the two mean distances.
    pooled_mm : float
        Mean distance over both surfaces together.
    p95_mm : float
        Larger of the two 95th percentiles.
    """

    overlap: float
    mean_mm: float
    pooled_mm: float
    p95_mm: float


def require_surfaces() -> None:
    """Make sure that surfaces can be measured.

    Raises
    ------
    DiagnosticError
        MEA007 where surface-distance is not installed.
    """
    if find_spec(_PACKAGE) is None:
        text = "distances of surfaces need the package surface-distance, which is not installed"
        hint = "pip install 'vesalius[metrics]'; or leave them out with --no-surfaces"
        raise DiagnosticError([Diagnostic("MEA007", "error", text, help=hint)])


def surface_figures(pred: LabelMap, truth: LabelMap, tolerance_mm: float) -> SurfaceFigures:
    """Compare the surfaces of two masks.

    Parameters
    ----------
    pred, truth : LabelMap
        Every label counts as inside; both on one grid, neither empty.
    tolerance_mm : float
        Of the overlap.

    Returns
    -------
    SurfaceFigures
    """
    from surface_distance import metrics  # noqa: PLC0415 - an extra

    found = surface_distances(pred, truth)
    one, other = metrics.compute_average_surface_distance(found)
    areas = float(np.sum(found["surfel_areas_gt"])), float(np.sum(found["surfel_areas_pred"]))
    return SurfaceFigures(
        overlap=float(metrics.compute_surface_dice_at_tolerance(found, tolerance_mm)),
        mean_mm=float(one + other) / 2,
        pooled_mm=float(one * areas[0] + other * areas[1]) / sum(areas),
        p95_mm=float(metrics.compute_robust_hausdorff(found, PERCENT)),
    )


def surface_distances(pred: LabelMap, truth: LabelMap) -> Mapping[str, NDArray[np.float64]]:
    """Give what `surface_distance.compute_surface_distances` gives, from runs.

    Parameters
    ----------
    pred, truth : LabelMap
        On one grid, neither empty.

    Returns
    -------
    mapping of str to ndarray of float, shape (n,)
        Distances in mm from the elements of each surface to the other, ascending, and their areas
        in mm².
    """
    grid = pred.grid
    table = _areas(*grid.spacing_mm)
    surfaces = surface(pred), surface(truth)
    (to_truth, of_pred), (to_pred, of_truth) = (
        _sorted(_nearest(surfaces[a], surfaces[b], grid), table, surfaces[a])
        for a, b in ((0, 1), (1, 0))
    )
    return {
        "distances_gt_to_pred": to_pred,
        "distances_pred_to_gt": to_truth,
        "surfel_areas_gt": of_truth,
        "surfel_areas_pred": of_pred,
    }


def _nearest(here: Surface, there: Surface, grid: Grid) -> NDArray[np.float64]:
    """Give the distance of each corner of a surface to the other surface."""
    steps, distances = _near_steps(grid)
    # The corners of the grid and a margin, so that no step leads out of the array.
    shape = tuple(n + 1 + 2 * _REACH for n in grid.shape)
    taken = np.zeros(shape, dtype=bool).reshape(-1)
    stride = np.array([shape[1] * shape[2], shape[2], 1], dtype=np.int64)
    taken[(there.ijk + _REACH) @ stride] = True
    place = (here.ijk + _REACH) @ stride
    distance = np.full(len(here), np.inf)
    left = np.arange(len(here))
    for step, mm in zip(steps @ stride, distances, strict=True):
        found = taken[place[left] + step]
        distance[left[found]] = mm
        left = left[~found]
        if not left.size:
            break
    return _by_tree(here, there, left, distance, grid)


def _near_steps(grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List the steps to all lattice points nearer than any point that is further than the reach."""
    cube = np.arange(-_REACH, _REACH + 1)
    steps = np.stack(np.meshgrid(cube, cube, cube, indexing="ij"), axis=-1).reshape(-1, 3)
    matrix = grid.affine[:3, :3]
    distances = np.linalg.norm(steps @ matrix.T, axis=1)
    # Planes of the lattice, one step of an axis apart, are so far from each other.
    apart = 1 / np.linalg.norm(np.linalg.inv(matrix), axis=1)
    near = np.flatnonzero(distances < (_REACH + 1) * apart.min())
    order = near[np.argsort(distances[near], kind="stable")]
    return steps[order], distances[order]


def _by_tree(
    here: Surface,
    there: Surface,
    left: NDArray[np.intp],
    distance: NDArray[np.float64],
    grid: Grid,
) -> NDArray[np.float64]:
    """Look up the corners that are left."""
    if left.size:
        from scipy.spatial import cKDTree  # noqa: PLC0415 - only where surfaces are measured

        matrix = grid.affine[:3, :3].T
        tree = cKDTree(there.ijk @ matrix, balanced_tree=False, compact_nodes=False)
        distance[left] = tree.query(here.ijk[left] @ matrix)[0]
    return distance


def _sorted(
    distance: NDArray[np.float64], table: NDArray[np.float64], found: Surface
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    area = table[found.inside]
    order = np.lexsort((area, distance))
    return distance[order], area[order]


@lru_cache(maxsize=64)
def _areas(i_mm: float, j_mm: float, k_mm: float) -> NDArray[np.float64]:
    """Give the area of each surface element by the voxels inside, in our order of bits."""
    from surface_distance import lookup_tables  # noqa: PLC0415 - an extra

    theirs = lookup_tables.create_table_neighbour_code_to_surface_area([i_mm, j_mm, k_mm])
    # Their bit of each of our bits: both go through the eight voxels i, j, k.
    weight = np.asarray(lookup_tables.ENCODE_NEIGHBOURHOOD_3D_KERNEL, dtype=np.int64).reshape(-1)
    bits = np.arange(256)[:, np.newaxis] >> np.arange(8) & 1
    return np.asarray(theirs[bits @ weight], dtype=np.float64)
