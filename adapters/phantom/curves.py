"""Curves through points, and the tubes and sheets made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from vesalius.adapters.phantom.shapes import Floats, Segment, Stack

# Long enough to be few, short enough that a bend of the size of a vessel looks round.
_STEP_MM = 7.0
_STACK_STEP_MM = 2.0


def smooth(points: ArrayLike, at: ArrayLike | None = None, steps: int | None = None) -> Floats:
    """Sample a smooth curve through points, never beyond the points.

    Parameters
    ----------
    points : array_like, shape (n, 3)
        Points in mm, n >= 2; two that follow each other must differ.
    at : array_like, optional
        Where to sample, as a share (0..1) of the way; default evenly.
    steps : int, optional
        Number of pieces where `at` is not given; default by length.

    Returns
    -------
    ndarray, shape (m, 3)
    """
    knots = np.asarray(points, dtype=np.float64)
    way = _way(knots)
    if at is None:
        count = steps or max(int(np.ceil(way[-1] / _STEP_MM)), 1)
        at = np.linspace(0.0, 1.0, count + 1)
    return np.asarray(PchipInterpolator(way, knots, axis=0)(np.asarray(at) * way[-1]))


def tube(points: ArrayLike, radii: ArrayLike) -> list[Segment]:
    """Give the pieces of a tube along a smooth curve.

    Parameters
    ----------
    points : array_like, shape (n, 3)
        Points in mm.
    radii : array_like
        One radius in mm for all, or one for each point.
    """
    knots = np.asarray(points, dtype=np.float64)
    way = _way(knots)
    given = np.broadcast_to(np.asarray(radii, dtype=np.float64), (len(knots),))
    at = np.linspace(0.0, 1.0, max(int(np.ceil(way[-1] / _STEP_MM)), 1) + 1)
    line = smooth(knots, at)
    radius = np.interp(at * way[-1], way, given)
    return [
        Segment(line[i], line[i + 1], float(radius[i]), float(radius[i + 1]))
        for i in range(len(line) - 1)
    ]


def sheet(edge: ArrayLike, other: ArrayLike, thickness_mm: float) -> list[Segment]:
    """Give the pieces of a sheet with rounded rims between two smooth curves."""
    first, second = np.asarray(edge, dtype=np.float64), np.asarray(other, dtype=np.float64)
    longest = max(_way(first)[-1], _way(second)[-1])
    # Neighbouring bars overlap by half, so the surface is even.
    steps = max(int(np.ceil(longest / (thickness_mm / 2))), 1)
    a, b = smooth(first, steps=steps), smooth(second, steps=steps)
    radius = thickness_mm / 2
    return [Segment(p, q, radius, radius) for p, q in zip(a, b, strict=True)]


def stack(rows: ArrayLike, power: float) -> Stack:
    """Give a stack of cross-sections from rows z, cx, cy, rx, ry in mm (z ascending)."""
    table = np.asarray(rows, dtype=np.float64)
    z = table[:, 0]
    count = max(int(np.ceil((z[-1] - z[0]) / _STACK_STEP_MM)), 1)
    fine = np.linspace(z[0], z[-1], count + 1)
    cx, cy, rx, ry = np.asarray(PchipInterpolator(z, table[:, 1:], axis=0)(fine)).T
    return Stack(fine, cx, cy, rx, ry, power)


def _way(points: Floats) -> Floats:
    """Give the length in mm from the first point to each point."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])
