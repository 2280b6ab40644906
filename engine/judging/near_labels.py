"""Which parts come near to other labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.plan.meant import NearTo
from vesalius.engine.runs.distance import parts_within_mm
from vesalius.engine.runs.labelmap import LabelMap


def parts_near(
    runs: LabelMap, part: NDArray[np.integer[Any]], n: int, near: NearTo, context: Context
) -> NDArray[np.bool_]:
    """Tell for each part whether it comes near to one of some labels, its own left out.

    Parameters
    ----------
    runs : LabelMap
        The voxels of the parts, with their labels.
    part : ndarray of int, shape (number of runs,)
        Part 0..n-1 of each run; what has -1 is not asked for.
    n : int
        How many parts there are.
    near : NearTo
        The labels, and the distance.
    context : Context
        The map.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    found = np.zeros(n, dtype=bool)
    # Parts of a label that is itself among these are asked apart: the others, and then each such.
    own = sorted(set(near.labels).intersection(runs.labels().tolist()))
    asked = part >= 0
    groups = [(asked & ~np.isin(runs.label, own), near.labels)]
    for label in own:
        rest = tuple(other for other in near.labels if other != label)
        groups.append((asked & (runs.label == label), rest))
    for mine, others in groups:
        rows = np.flatnonzero(mine)
        if rows.size and others:
            mine_runs, around = take_runs(runs, rows), context.part(others)
            found |= parts_within_mm(mine_runs, part[rows], n, around, near.mm)
    return found
