"""What is left of the body, by trying every box and by filling planes."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy import ndimage

from oracle.geometry import Mask, unit
from oracle.state import Labels, Missing, State, connected
from vesalius.engine.kinds import RestOfBody

OBLIQUE_DEG = 30
"""Planes further than this from the wanted ones are not filled one by one."""


def make(operation: RestOfBody, state: State) -> Labels:
    """Open, keep the largest, join, fill; each as its own step."""
    if state.image is None:
        raise Missing
    dense = np.asarray(state.image >= operation.lo_hu)
    spacing = np.linalg.norm(state.affine[:3, :3], axis=0)
    windows = [max(1, math.ceil(operation.opening_mm / mm - 1e-9)) for mm in spacing]
    thick = _boxes_that_fit(dense, windows)
    body = state.work != 0
    for _, largest in connected(state.having(thick.astype(np.int64)), [1], 6)[:1]:
        body |= largest
    unnamed = np.isin(state.work, (0, *operation.over))
    inside = _filled(body, operation, state) & unnamed
    return np.where(inside, operation.label, state.work)


def _boxes_that_fit(dense: Mask, windows: list[int]) -> Mask:
    """Return the union of all boxes within a mask; beyond the array all is dense."""
    margin = [(width - 1, width - 1) for width in windows]
    wide = np.pad(dense, margin, constant_values=True)
    fits = np.zeros_like(wide)
    places = [range(n - width + 1) for n, width in zip(wide.shape, windows, strict=True)]
    for i, j, k in itertools.product(*places):
        box = tuple(slice(at, at + width) for at, width in zip((i, j, k), windows, strict=True))
        if wide[box].all():
            fits[box] = True
    inner = tuple(slice(low, n - low) for (low, _), n in zip(margin, wide.shape, strict=True))
    return np.asarray(fits[inner])


def _filled(body: Mask, operation: RestOfBody, state: State) -> Mask:
    """Fill each plane of the best axis, or everything on an oblique grid."""
    best, least = -1, OBLIQUE_DEG + 1e-6
    columns = state.affine[:3, :3].T
    for axis in range(3) if operation.across is not None else ():
        normal = unit(np.cross(columns[axis - 2], columns[axis - 1]))
        angle = math.degrees(math.acos(min(1.0, abs(normal @ unit(operation.across)))))
        if angle <= least:
            best, least = axis, angle
    if best < 0:
        return np.asarray(ndimage.binary_fill_holes(body))
    planes = [ndimage.binary_fill_holes(plane) for plane in np.moveaxis(body, best, 0)]
    return np.asarray(np.moveaxis(np.array(planes), 0, best))
