"""How far surfaces lie apart: figures of the package surface-distance, on sparse surfaces.

What a surface element is, its area, and every figure come from surface-distance (DeepMind). Its
own search for the nearest element computes the distance of every voxel of the box of both masks;
here only elements are looked up, of all structures in one pass (`engine/runs/surface_distance`).
Elements that are equally far and equally large are counted together. The result is the same
(tests/measures/test_surfaces.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.labelmap import Axes, LabelMap
from vesalius.engine.runs.surface import bits_of_codes
from vesalius.engine.runs.surface_distance import surface_distances
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

PERCENT = 95
_PACKAGE = "surface_distance"
Distances = Mapping[str, NDArray[np.float64]]
"""What the figures are made of, under the names that the package gives it."""


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


def surface_figures(
    pred: LabelMap, truth: LabelMap, tolerance_mm: float
) -> dict[int, SurfaceFigures]:
    """Compare the surfaces of each label of two maps.

    Parameters
    ----------
    pred, truth : LabelMap
        On one grid, with the same axes.
    tolerance_mm : float
        Of the overlap.

    Returns
    -------
    dict of int to SurfaceFigures
        By label; of those that both have.
    """
    if not len(pred) or not len(truth):
        return {}
    from surface_distance import metrics  # noqa: PLC0415 - an extra

    figures = {}
    for label, found in distances_by_label(pred, truth).items():
        one, other = metrics.compute_average_surface_distance(found)
        areas = float(found["surfel_areas_gt"].sum()), float(found["surfel_areas_pred"].sum())
        figures[label] = SurfaceFigures(
            overlap=float(metrics.compute_surface_dice_at_tolerance(found, tolerance_mm)),
            mean_mm=float(one + other) / 2,
            pooled_mm=float(one * areas[0] + other * areas[1]) / sum(areas),
            p95_mm=float(metrics.compute_robust_hausdorff(found, PERCENT)),
        )
    return figures


def distances_by_label(pred: LabelMap, truth: LabelMap) -> dict[int, Distances]:
    """Give what `surface_distance.compute_surface_distances` gives of each label, from runs.

    Parameters
    ----------
    pred, truth : LabelMap
        On one grid, with the same axes.

    Returns
    -------
    dict of int to mapping of str to ndarray of float, shape (n,)
        Of the labels that both have: distances in mm from the elements of each surface to the
        other, ascending, and the areas in mm² of the elements that are so far away.
    """
    kinds, area = _areas(pred.axes, *pred.grid.spacing_mm)
    to_truth, to_pred = surface_distances(pred, truth, kinds)
    both = np.intersect1d(pred.labels(), truth.labels())
    found: dict[int, Distances] = {}
    for label in both.tolist():
        pred_mm, pred_areas = to_truth.of(label, area)
        truth_mm, truth_areas = to_pred.of(label, area)
        found[label] = {
            "distances_gt_to_pred": truth_mm,
            "distances_pred_to_gt": pred_mm,
            "surfel_areas_gt": truth_areas,
            "surfel_areas_pred": pred_areas,
        }
    return found


@lru_cache(maxsize=64)
def _areas(
    axes: Axes, i_mm: float, j_mm: float, k_mm: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Give the kind of surface element of each code of a corner, and the area of each kind."""
    from surface_distance import lookup_tables  # noqa: PLC0415 - an extra

    theirs = lookup_tables.create_table_neighbour_code_to_surface_area([i_mm, j_mm, k_mm])
    # Their bit of each of our bits: both go through the eight voxels i, j, k.
    weight = np.asarray(lookup_tables.ENCODE_NEIGHBOURHOOD_3D_KERNEL, dtype=np.int64).reshape(-1)
    bits = bits_of_codes(axes)[:, np.newaxis] >> np.arange(8) & 1
    area, kind = np.unique(np.asarray(theirs, dtype=np.float64)[bits @ weight], return_inverse=True)
    return kind.reshape(-1).astype(np.uint8), area
