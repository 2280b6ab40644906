"""What is left of the body: background inside it becomes a label."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context, Image
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.plan.roles import (
    Direction,
    Hounsfield,
    LabelGiven,
    LabelsBesidesBackground,
    Millimetres,
)
from vesalius.engine.plan.step import Derive
from vesalius.engine.plan.where import Vector
from vesalius.engine.runs.background import background
from vesalius.engine.runs.components import components
from vesalius.engine.runs.crop import as_box, bounds, crop, slabs, slices, uncrop
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.opening import PackedMask, opened_runs
from vesalius.engine.runs.sweeps import has_label, overlay, subtract, union, with_axes

OBLIQUE_DEG = 30.0
"""Planes of the array further than this from the wanted ones are not filled as such.

Then a cavity must be closed in three dimensions.
"""
_SLACK = 1e-9


@dataclass(frozen=True)
class RestOfBody(Derive):
    """Background voxels inside the body become `label`.

    The body is the largest component of voxels of at least `lo_hu`, joined with every labelled
    voxel, after removing structures thinner than `opening_mm` (the table), with the cavities of
    each plane across `across` filled. Voxels of the labels `over` inside the body become `label`
    too.
    """

    label: LabelGiven
    lo_hu: Hounsfield
    opening_mm: Millimetres
    across: Direction | None = None
    over: LabelsBesidesBackground = ()


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
    box = dense.box()
    if box is None:
        return None
    shape = work.grid.shape
    ends = [(low == 0, high == n) for low, high, n in zip(box[0], box[1], shape, strict=True)]
    windows = [
        # What is wider than the mask fits where one voxel more than the mask fits.
        min(max(1, math.ceil(operation.opening_mm / mm - _SLACK)), high - low + 1)
        for low, high, mm in zip(*box, work.grid.spacing_mm, strict=True)
    ]
    near = opened_runs(dense, box, windows, ends)
    del dense
    found = components(near)
    if not len(found):
        return None
    return uncrop(take_runs(near, found.of_run == 0), work, box)


def _dense(image: Image, work: LabelMap, lo_hu: float) -> PackedMask:
    """Return where the image is at least `lo_hu`."""
    dense = PackedMask(work.grid, work.axes)
    slow = work.axes[2]
    for slab in slabs(work, as_box((0, 0, 0), work.grid.shape)):
        dense.write(slab[0][slow], np.asarray(image.values(slices(slab))) >= lo_hu)
    return dense


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
