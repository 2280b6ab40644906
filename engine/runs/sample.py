"""Thresholds of an image under a label map, a few lines at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def _labelled_blocks(labelmap: LabelMap, image: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield the blocks of whole lines that hold a run, with their first position."""
    image = np.asarray(image)
    if image.shape != labelmap.grid.shape:
        raise ValueError(f"the image has shape {image.shape}, not {labelmap.grid.shape}")
    for first, values in blocks(image, labelmap.axes):
        chosen = run_range(labelmap, first, first + values.size)
        if chosen.stop > chosen.start:
            yield first, values
