"""Labels that two sources have, in unlike places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import main_measures

Box = NDArray[np.int64]


def moved_labels(
    one: Context, other: Context, labels: Sequence[int], pools: Sequence[Sequence[int]], mm: float
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Find the labels that lie elsewhere in another source.

    A label has moved along an axis of the array where both ends of its box have, the same way: by
    the smaller of the two. So one that is seen in part, or is thinner, has not. One in a pool lies
    elsewhere only if all that is there of the pool does, too: of two chains that are numbered
    differently each name has moved, and the chain has not.

    Parameters
    ----------
    one, other : Context
        What two sources say, on one grid.
    labels : sequence of int
        What is compared.
    pools : sequence of sequence of int
        Labels that may be taken for each other.
    mm : float
        How far what lies elsewhere has moved.

    Returns
    -------
    compared, moved : tuple of int
        Labels that both have, and those of them that lie elsewhere.
    """
    boxes = _boxes(one, labels), _boxes(other, labels)
    both = tuple(sorted(boxes[0].keys() & boxes[1].keys()))
    size_mm = np.array(one.work.grid.spacing_mm)
    still: set[int] = set()
    for pool in pools:
        mine, theirs = (_joined(found, pool) for found in boxes)
        if mine is not None and theirs is not None and _moved_mm(mine, theirs, size_mm) < mm:
            still.update(pool)
    moved = (
        label
        for label in both
        if label not in still and _moved_mm(boxes[0][label], boxes[1][label], size_mm) >= mm
    )
    return both, tuple(moved)


def _boxes(context: Context, labels: Sequence[int]) -> dict[int, Box]:
    found = main_measures(labels, context)
    return {
        label: np.stack((found.box_lo[at], found.box_hi[at]))
        for at, label in enumerate(found.label.tolist())
    }


def _joined(boxes: dict[int, Box], pool: Sequence[int]) -> Box | None:
    own = [boxes[label] for label in pool if label in boxes]
    if not own:
        return None
    every = np.stack(own)
    return np.stack((every[:, 0].min(axis=0), every[:, 1].max(axis=0)))


def _moved_mm(one: Box, other: Box, size_mm: NDArray[np.float64]) -> float:
    first, last = (other - one) * size_mm
    by = np.where(first * last > 0, np.minimum(np.abs(first), np.abs(last)), 0.0)
    return round(float(np.sqrt((by * by).sum())), 6)
