"""What is left of the body: background inside it becomes a label."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.background import background
from vesalius.engine.components import components
from vesalius.engine.context import Context, Image
from vesalius.engine.crop import Box, as_box, bounds, crop, slabs, slices, uncrop
from vesalius.engine.faults import take_runs
from vesalius.engine.grid import Grid
from vesalius.engine.labelmap import LabelMap, encode
from vesalius.engine.projection import Vector
from vesalius.engine.setops import has_label, overlay, subtract, union, with_axes
from vesalius.engine.steps import RestOfBody

OBLIQUE_DEG = 30.0
"""Planes of the array further than this from the wanted ones are not filled as such.

Then a cavity must be closed in three dimensions.
"""

_SLACK = 1e-9


def make_rest_of_body(operation: RestOfBody, context: Context) -> LabelMap:
    """Paint the background inside the body, and what has one of the labels `over`.

    The body is found in this order: voxels of at least `lo_hu`; of those, the ones in a box of
    at least `opening_mm` along each array axis that holds no others (so what is thinner along
    one of them goes; the outside of the scan counts as dense, so nothing is thin for being cut
    by its border); of those, the largest 6-connected component; with every labelled voxel; with
    the cavities of each plane of the array whose normal is nearest to `across`. A cavity is
    4-connected within its plane and does not reach the border of the scan there. Without
    `across`, and on a grid that is turned by more than `OBLIQUE_DEG`, cavities are 6-connected
    and closed in three dimensions.

    Raises
    ------
    Missing
        If there is no image.
    """
    image = context.the_image()
    work = context.work
    solid = _largest_solid(operation, image, work)
    body = work if solid is None else union([solid, work])
    if not len(body):
        return work
    axis = None if operation.across is None else plane_axis(work.grid, operation.across)
    inside = union([body, _cavities(body, axis)])
    named = work
    if operation.over:
        named = take_runs(work, np.logical_not(has_label(work, operation.over)))
    rest = subtract(inside, named)
    label = np.full(len(rest), operation.label, dtype=np.uint16)
    return overlay(work, LabelMap(rest.grid, rest.axes, rest.start, rest.stop, label))


def plane_axis(grid: Grid, across: Vector) -> int | None:
    """Return the array axis whose planes lie across a direction, None where none nearly does."""
    normals = np.linalg.inv(grid.affine[:3, :3])
    normals /= np.linalg.norm(normals, axis=1)[:, np.newaxis]
    direction = np.asarray(across, dtype=np.float64)
    cosines = np.abs(normals @ (direction / np.linalg.norm(direction)))
    best = int(cosines.argmax())
    return best if cosines[best] >= math.cos(math.radians(OBLIQUE_DEG)) - _SLACK else None


def _largest_solid(operation: RestOfBody, image: Image, work: LabelMap) -> LabelMap | None:
    """Return the largest component of what is dense and not thin, None where nothing is."""
    dense = _dense(image, work, operation.lo_hu)
    box = _box(dense)
    if box is None:
        return None
    shape = work.grid.shape
    ends = [(low == 0, high == n) for low, high, n in zip(box[0], box[1], shape, strict=True)]
    windows = [max(1, math.ceil(operation.opening_mm / mm - _SLACK)) for mm in work.grid.spacing_mm]
    thick = opened(dense[slices(box)], windows, ends)
    del dense
    near = encode(thick, work.grid.affine, axes=work.axes)
    found = components(near)
    if not len(found):
        return None
    return uncrop(take_runs(near, found.of_run == 0), work, box)


def _dense(image: Image, work: LabelMap, lo_hu: float) -> NDArray[np.bool_]:
    """Return where the image is at least `lo_hu`, in index order, in the memory order of runs."""
    stored = np.zeros(work.shape_in_memory[::-1], dtype=bool)
    dense = stored.transpose(np.argsort(work.axes[::-1]))
    whole = as_box((0, 0, 0), work.grid.shape)
    for slab in slabs(work, whole):
        dense[slices(slab)] = np.asarray(image.values(slices(slab))) >= lo_hu
    return dense


def _box(mask: NDArray[np.bool_]) -> Box | None:
    """Return the box of a mask, None where it is empty."""
    lo, hi = [], []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        seen = np.flatnonzero(mask.any(axis=others))
        if not seen.size:
            return None
        lo.append(int(seen[0]))
        hi.append(int(seen[-1]) + 1)
    return as_box(lo, hi)


def opened(
    mask: NDArray[np.bool_], windows: list[int], ends: list[tuple[bool, bool]]
) -> NDArray[np.bool_]:
    """Return the union of all boxes of a size that fit into a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (i, j, k)
        The mask.
    windows : list of int, shape (3,)
        Voxels of the box along each axis.
    ends : list of tuple of bool, shape (3, 2)
        What lies beyond the first and the last plane along each axis.
    """
    for axis, (width, beyond) in enumerate(zip(windows, ends, strict=True)):
        mask = _slid(_padded(mask, axis, width - 1, beyond), axis, width, np.logical_and)
    for axis, width in enumerate(windows):
        mask = _slid(mask, axis, width, np.logical_or)
    return mask


def _padded(
    mask: NDArray[np.bool_], axis: int, margin: int, beyond: tuple[bool, bool]
) -> NDArray[np.bool_]:
    """Add planes at both ends of an axis; the memory order stays."""
    if not margin:
        return mask
    ends = [
        np.broadcast_to(np.array(value), (*mask.shape[:axis], margin, *mask.shape[axis + 1 :]))
        for value in beyond
    ]
    shape = list(mask.shape)
    shape[axis] += 2 * margin
    wide = np.empty_like(mask, shape=shape)
    np.concatenate((ends[0], mask, ends[1]), axis=axis, out=wide)
    return wide


def _slid(
    mask: NDArray[np.bool_], axis: int, width: int, combine: Callable[..., Any]
) -> NDArray[np.bool_]:
    """Combine each `width` neighbours along an axis; `width` - 1 fewer planes remain."""
    done = 1
    while done < width:
        # Twice as many with each pass, for two stretches may overlap.
        step = min(done, width - done)
        here, there = [slice(None)] * 3, [slice(None)] * 3
        here[axis], there[axis] = slice(None, -step), slice(step, None)
        mask = combine(mask[tuple(here)], mask[tuple(there)])
        done += step
    return mask


def _cavities(body: LabelMap, axis: int | None) -> LabelMap:
    """Return what a body closes off within each plane of an axis, or altogether."""
    box = bounds(body)
    if box is None:
        return body
    # What is closed off lies within the box of the body.
    near = crop(body, box)
    if axis == near.axes[0]:
        # Runs along the axis would lie in many planes.
        fast, middle, slow = near.axes
        near = with_axes(near, (middle, slow, fast))
    outside = background(near)
    if axis is not None:
        outside = _by_plane(outside, axis)
    found = components(outside)
    borders = [other for other in range(3) if other != axis]
    reaches = found.measures.on_border[:, borders].reshape(-1, 2 * len(borders))
    closed = np.logical_not(reaches.any(axis=1))
    cavities = take_runs(outside, closed[found.of_run])
    ones = np.ones(len(cavities), dtype=np.uint16)
    cavities = LabelMap(near.grid, near.axes, cavities.start, cavities.stop, ones)
    return uncrop(with_axes(cavities, body.axes), body, box)


def _by_plane(outside: LabelMap, axis: int) -> LabelMap:
    """Label the runs by whether their plane is even or odd, so that planes do not connect."""
    lines = outside.start // outside.start.dtype.type(outside.line_length)
    rows = outside.start.dtype.type(outside.shape_in_memory[1])
    plane = lines % rows if axis == outside.axes[1] else lines // rows
    label = (plane % 2 + 1).astype(np.uint16)
    return LabelMap(outside.grid, outside.axes, outside.start, outside.stop, label)
