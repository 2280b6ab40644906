"""A structure from a window of Hounsfield values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.judging.regions import split_by_region
from vesalius.engine.plan.roles import Count, Hounsfield, LabelMade, LabelsPainted
from vesalius.engine.plan.step import Derive
from vesalius.engine.plan.where import Region
from vesalius.engine.runs.background import background
from vesalius.engine.runs.components import components
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.sample import in_window
from vesalius.engine.runs.sweeps import overlay, relabel_runs


@dataclass(frozen=True)
class FromHu(Derive):
    """Voxels of a Hounsfield window inside a region, over some labels only.

    `over` lists the labels that may be painted over (0 = background). `keep_largest` keeps that
    many components (6-connected), None all.
    """

    label: LabelMade
    lo_hu: Hounsfield
    hi_hu: Hounsfield
    region: Region
    over: LabelsPainted
    keep_largest: Count | None = None


def make_from_hu(operation: FromHu, context: Context) -> LabelMap:
    """Paint the voxels of a window of Hounsfield values inside a region over some labels.

    Both bounds of the window are included. `keep_largest` counts components of what is found;
    of equally large ones the order of :class:`vesalius.engine.runs.components.Components` decides.
    What carries the label already stays. The region is cut out before the image is read.

    Raises
    ------
    Missing
        If the image or an anchor of the region is missing.
    """
    image = context.the_image()
    split = split_by_region(_paintable(operation, context), operation.region, context)
    found = in_window(take_runs(split.runs, split.inside), image, operation.lo_hu, operation.hi_hu)
    if operation.keep_largest is not None and len(found):
        pieces = components(found)
        large = np.arange(len(pieces)) < operation.keep_largest
        found = relabel_runs(found, np.where(large[pieces.of_run], found.label, np.uint16(0)))
    return overlay(context.work, found) if len(found) else context.work


def _paintable(operation: FromHu, context: Context) -> LabelMap:
    """Return the voxels that may be painted over, already with the new label."""
    wanted = [label for label in operation.over if label]
    chosen = context.part(wanted)
    start, stop = chosen.start, chosen.stop
    if 0 in operation.over:
        empty = background(context.work)
        start = np.concatenate((start, empty.start))
        order = np.argsort(start, kind="stable")
        start, stop = start[order], np.concatenate((stop, empty.stop))[order]
    label = np.full(start.size, operation.label, dtype=np.uint16)
    return LabelMap(chosen.grid, chosen.axes, start, stop, label)
