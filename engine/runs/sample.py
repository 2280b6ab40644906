"""Thresholds of an image under a label map, a few lines or a box at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import concatenated, join
from vesalius.engine.runs.crop import bounds, crop, slabs, slices, uncrop
from vesalius.engine.runs.intensity import Values
from vesalius.engine.runs.labelmap import LabelMap, decode_range, encode_lines, run_range
from vesalius.engine.runs.memory import blocks


def threshold_runs(labelmap: LabelMap, image: NDArray[Any], low: float, high: float) -> LabelMap:
    """Return the voxels of a label map where an image lies within [low, high].

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    image : ndarray of numbers, shape (i, j, k)
        Image on the same grid, in any memory order; NaN lies in no interval.
    low, high : float
        Bounds, both included.

    Returns
    -------
    LabelMap

    Raises
    ------
    ValueError
        If the image has another shape.
    """
    line = labelmap.line_length
    kind = labelmap.start.dtype
    columns = [(labelmap.start[:0], labelmap.stop[:0], labelmap.label[:0])]
    for first, values in _labelled_blocks(labelmap, image):
        labels = decode_range(labelmap, first, first + values.size)
        labels[~((values >= low) & (values <= high))] = 0
        columns.append(encode_lines(labels, line, first, kind))
    start, stop, label = (np.concatenate(column) for column in zip(*columns, strict=True))
    return LabelMap(labelmap.grid, labelmap.axes, start, stop, label)


def in_window(labelmap: LabelMap, image: Values, lo_hu: float, hi_hu: float) -> LabelMap:
    """Return the voxels of a map with a value within [lo_hu, hi_hu].

    Parameters
    ----------
    labelmap : LabelMap
        The runs; equal ones may touch.
    image : Values
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
    found = concatenated(parts)
    return join(labelmap, found.start, found.stop, found.label)


def _labelled_blocks(labelmap: LabelMap, image: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield the blocks of whole lines that hold a run, with their first position."""
    image = np.asarray(image)
    if image.shape != labelmap.grid.shape:
        raise ValueError(f"the image has shape {image.shape}, not {labelmap.grid.shape}")
    for first, values in blocks(image, labelmap.axes):
        chosen = run_range(labelmap, first, first + values.size)
        if chosen.stop > chosen.start:
            yield first, values
