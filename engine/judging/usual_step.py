"""The usual step of a patient: how far neighbours of a sequence are apart, as a measure of size."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from vesalius.engine.judging.about import some_names
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import main_measures
from vesalius.engine.judging.verdict import Missing
from vesalius.engine.runs.median import median
from vesalius.engine.runs.projection import settled

FEWEST = 3
"""Labels that must be present: one step alone may be the one that is wrong."""


def usual_step_mm(labels: Sequence[int], context: Context) -> float:
    """Return the median distance of the centres of labels that follow each other in a list.

    The centre of a label is that of its main pieces.

    Parameters
    ----------
    labels : sequence of int
        First to last. A step is that of two neighbours of the list that are both present.
    context : Context
        The map.

    Raises
    ------
    Missing
        If fewer than three are present, or no two of them are neighbours.
    """
    present = context.present(labels)
    reason = f"a usual step needs three of {some_names(labels, context)}"
    if len(present) < FEWEST:
        raise Missing(f"{reason}, and {len(present)} are there")
    found = main_measures(present, context)
    centre_mm = dict(zip(found.label.tolist(), found.centre_mm, strict=True))
    steps_mm = [
        float(np.linalg.norm(centre_mm[other] - centre_mm[one]))
        for one, other in itertools.pairwise(labels)
        if one in centre_mm and other in centre_mm
    ]
    if not steps_mm:
        raise Missing(f"{reason}, and no two that are there follow each other")
    return float(settled(median(steps_mm)))
