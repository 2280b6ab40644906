"""The largest piece of each label: what strays do not move."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from vesalius.engine.runs.components import components
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.sweeps import keep_labels, relabel_runs

PIECE_CONNECTIVITY = 26
"""Voxels that touch at a corner belong to one piece of a label."""


def main_pieces(painted: LabelMap, labels: Collection[int]) -> LabelMap:
    """Keep the largest component of each of some labels, and nothing else.

    Of several that are equally large all are kept: choosing one by its place would not be the
    same choice in a mirrored patient.

    Parameters
    ----------
    painted : LabelMap
        Work labels.
    labels : collection of int
        The labels to keep.

    Returns
    -------
    LabelMap
    """
    wanted = keep_labels(painted, sorted(labels))
    found = components(wanted, PIECE_CONNECTIVITY)
    main = (found.voxels == found.largest)[found.of_run]
    return relabel_runs(wanted, np.where(main, wanted.label, 0))
