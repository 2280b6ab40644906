"""The image under a map, read box by box."""

from __future__ import annotations

import numpy as np

from vesalius.engine.context import Image
from vesalius.engine.crop import bounds, crop, slabs, slices, uncrop
from vesalius.engine.labelmap import LabelMap
from vesalius.engine.runs import join
from vesalius.engine.sample import threshold_runs


def in_window(labelmap: LabelMap, image: Image, lo_hu: float, hi_hu: float) -> LabelMap:
    """Return the voxels of a map with a value within [lo_hu, hi_hu].

    Parameters
    ----------
    labelmap : LabelMap
        The runs; equal ones may touch.
    image : Image
        Only the box of the runs is read, slab by slab.
    lo_hu, hi_hu : float
        Bounds, both included; NaN lies in no window.
    """
    box = bounds(labelmap)
    if box is None:
        return labelmap
    parts = []
    for slab in slabs(labelmap, box):
        near = crop(labelmap, slab)
        if len(near):
            values = np.asarray(image.values(slices(slab)))
            found = threshold_runs(near, values, lo_hu, hi_hu)
            parts.append(uncrop(found, labelmap, slab))
    # Slabs lie one after the other along the slowest axis: so do their runs.
    start, stop, label = (
        np.concatenate([getattr(part, column) for part in parts])
        for column in ("start", "stop", "label")
    )
    return join(labelmap, start, stop, label)
