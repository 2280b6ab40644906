"""Making structures, by scipy over whole arrays and by trying every box."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vesalius.engine.derive.rest_of_body import OBLIQUE_DEG
from vesalius.engine.reference import components
from vesalius.engine.reference_rules.measures import Mask
from vesalius.engine.reference_rules.state import Missing, State, region_voxels
from vesalius.engine.steps import FromHu, RestOfBody

Labels = NDArray[np.int64]


def from_hu(operation: FromHu, state: State) -> Labels:
    """Look at every voxel; raises Missing without an image or an anchor."""
    if state.image is None:
        raise Missing
    found = region_voxels(state, operation.region) & np.isin(state.work, operation.over)
    for i, j, k in itertools.product(*map(range, state.work.shape)):
        value = float(state.image[i, j, k])
        found[i, j, k] &= operation.lo_hu <= value <= operation.hi_hu
    if operation.keep_largest is not None:
        large = components(found.astype(int), state.grid)[: operation.keep_largest]
        found = np.zeros_like(found)
        for component in large:
            for voxel in component.voxels:
                found[voxel] = True
    after = state.work.copy()
    after[found] = operation.label
    return after


def rest_of_body(operation: RestOfBody, state: State) -> Labels:
    """Open, keep the largest, join, fill; raises Missing without an image."""
    if state.image is None:
        raise Missing
    dense = np.asarray(state.image >= operation.lo_hu)
    spacing = np.linalg.norm(state.affine[:3, :3], axis=0)
    windows = [max(1, math.ceil(operation.opening_mm / mm - 1e-9)) for mm in spacing]
    thick = _boxes_that_fit(dense, windows)
    body = state.work != 0
    for component in components(thick.astype(int), state.grid)[:1]:
        for voxel in component.voxels:
            body[voxel] = True
    after = state.work.copy()
    unnamed = np.isin(state.work, (0, *operation.over))
    after[_filled(body, operation, state) & unnamed] = operation.label
    return after


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
    if operation.across is None:
        return np.asarray(ndimage.binary_fill_holes(body))
    for axis in range(3):
        normal = np.cross(columns[axis - 2], columns[axis - 1])
        cosine = abs(normal @ np.array(operation.across))
        cosine /= np.linalg.norm(normal) * np.linalg.norm(operation.across)
        angle = math.degrees(math.acos(min(1.0, cosine)))
        if angle <= least:
            best, least = axis, angle
    if best < 0:
        return np.asarray(ndimage.binary_fill_holes(body))
    planes = [ndimage.binary_fill_holes(plane) for plane in np.moveaxis(body, best, 0)]
    return np.asarray(np.moveaxis(np.array(planes), 0, best))
