"""How far points are from the nearest of some others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs import kernels

if TYPE_CHECKING:
    from types import ModuleType

Points = NDArray[np.float64]


def away_mm(
    points_mm: Points, places_mm: Points, limit_mm: float = math.inf
) -> NDArray[np.float64]:
    """Return the distance of each place to the nearest point.

    Parameters
    ----------
    points_mm : ndarray of float64, shape (n, d)
        The points, of at most four coordinates.
    places_mm : ndarray of float64, shape (m, d)
        What is asked for.
    limit_mm : float
        What is not nearer is infinitely far.

    Returns
    -------
    ndarray of float64, shape (m,)
    """
    if kernels.compiled is not None:
        group = np.zeros(len(places_mm), dtype=np.int64)
        return _compiled(kernels.compiled, points_mm, places_mm, group, limit_mm, math.inf)
    return _by_scipy(points_mm, places_mm, limit_mm)


def away_by_group_mm(
    points_mm: Points,
    places_mm: Points,
    group: NDArray[np.int64],
    limit_mm: float,
    slack_mm: float,
    least_mm: Points | None = None,
) -> NDArray[np.float64]:
    """Return the distance of each place to the nearest point, where it is among the least.

    Parameters
    ----------
    points_mm : ndarray of float64, shape (n, d)
    places_mm : ndarray of float64, shape (m, d)
    group : ndarray of int64, shape (m,)
        Group of each place, from 0.
    limit_mm : float
        What is not nearer is infinitely far.
    slack_mm : float
        What is this much farther than the nearest of its group may be said to be infinitely far.
    least_mm : ndarray of float64, shape (number of groups,), optional
        What is this much farther than that may be said so too.

    Returns
    -------
    ndarray of float64, shape (m,)
    """
    if kernels.compiled is not None:
        return _compiled(
            kernels.compiled, points_mm, places_mm, group, limit_mm, slack_mm, least_mm
        )
    return _by_scipy(points_mm, places_mm, limit_mm)


def least_away_mm(points_mm: Points, places_mm: Points, limit_mm: float = math.inf) -> float:
    """Return the distance of the two nearest of some points and some places.

    Parameters
    ----------
    points_mm : ndarray of float64, shape (n, d)
    places_mm : ndarray of float64, shape (m, d)
    limit_mm : float
        What is not nearer does not count.

    Returns
    -------
    float
        Infinity where none is.
    """
    group = np.zeros(len(places_mm), dtype=np.int64)
    away = away_by_group_mm(points_mm, places_mm, group, limit_mm, 0.0)
    return float(np.min(away, initial=math.inf))


def _compiled(
    module: ModuleType,
    points_mm: Points,
    places_mm: Points,
    group: NDArray[np.int64],
    limit_mm: float,
    slack_mm: float,
    least_mm: Points | None = None,
) -> NDArray[np.float64]:
    columns = [np.ascontiguousarray(each, np.float64) for each in (points_mm, places_mm)]
    flat = (column.reshape(-1) for column in columns)
    if least_mm is None:
        best = np.full(int(group.max(initial=-1)) + 1, math.inf)
    else:
        best = least_mm.copy()
    away = np.empty(len(places_mm))
    module.nearest(*flat, group, points_mm.shape[1], limit_mm, slack_mm, best, away)
    return away


def _by_scipy(points_mm: Points, places_mm: Points, limit_mm: float) -> NDArray[np.float64]:
    # Here, so that what only builds plans (the kinds) loads numpy alone.
    from scipy.spatial import cKDTree  # noqa: PLC0415

    away, _ = cKDTree(points_mm).query(places_mm, distance_upper_bound=limit_mm)
    return np.asarray(away, dtype=np.float64)
