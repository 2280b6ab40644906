"""The largest pooled components of some labels, and their sides of a plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import (
    Missing,
)
from vesalius.engine.runs.components import Components
from vesalius.engine.runs.halfspace import HalfSpace, inside_voxels
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures, measure_groups


class Largest(NamedTuple):
    """The largest pooled components of some labels, from large to small.

    Parameters
    ----------
    runs : LabelMap
        All runs of the labels.
    of_run : ndarray of int32, shape (number of runs,)
        Component 0..n-1 of each run, -1 for a run of a smaller one.
    measures : Measures
        Measures of the components.
    positive : ndarray of bool, shape (n,)
        Whether at least half of the voxels of each lie on the positive side of the plane.
    """

    runs: LabelMap
    of_run: NDArray[np.int32]
    measures: Measures
    positive: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of components."""
        return len(self.measures)


def largest_pooled(
    labels: Sequence[int], expected: int, anchor: int, connectivity: int, context: Context
) -> Largest:
    """Return the largest pooled components of some labels and their sides; kept in the cache.

    Parameters
    ----------
    labels : sequence of int
        Labels that are pooled.
    expected : int
        How many components are taken, the largest first.
    anchor : int
        Number of the plane that tells sides.
    connectivity : int
        6, 18 or 26.
    context : Context
        The map.

    Raises
    ------
    Missing
        If the anchor cannot be used or there are fewer components than expected.
    """
    plane = context.fitted(anchor).half_space()
    pooled = context.components(labels, connectivity, joint=True)
    if len(pooled) < expected:
        raise Missing(f"{len(pooled)} components; {expected} are needed")
    wanted = tuple(sorted(set(labels)))
    depends_on = (*wanted, *context.shared.anchors[anchor].labels)
    return context.cached(
        "largest",
        depends_on,
        lambda: _largest(pooled, expected, plane),
        wanted,
        expected,
        anchor,
        connectivity,
    )


def _largest(pooled: Components, expected: int, plane: HalfSpace) -> Largest:
    of_run = np.where(pooled.of_run < expected, pooled.of_run, np.int32(-1))
    runs = pooled.labelmap
    measures = measure_groups(runs, of_run, expected)
    taken = of_run >= 0
    inside = np.bincount(
        of_run[taken], weights=inside_voxels(runs, plane)[taken], minlength=expected
    )
    return Largest(runs, of_run, measures, 2 * inside >= measures.voxels)
