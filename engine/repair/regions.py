"""Repairs that depend on where a part lies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vesalius.engine.context import Context
from vesalius.engine.regions import centres_inside
from vesalius.engine.repair.edit import Edit, together
from vesalius.engine.steps import Destination, IntoRegions
from vesalius.engine.verdict import Faults


def edit_into_regions(
    destination: IntoRegions,
    faults: Faults,
    context: Context,
    edit: Callable[[Destination, Faults, Context], Edit],
) -> Edit:
    """Repair each part as the first region that holds its centre says.

    Parameters
    ----------
    destination : IntoRegions
        Regions and what they mean.
    faults : Faults
        The parts.
    context : Context
        The map.
    edit : callable
        Repairs the parts of one region.

    Raises
    ------
    Missing
        If an anchor cannot be used that a part still depends on.
    """
    waiting = np.ones(len(faults), dtype=bool)
    edits = []
    for region, inner in destination.cases:
        if not waiting.any():
            break
        chosen = waiting & centres_inside(faults.centre_mm, region, context)
        if chosen.any():
            edits.append(edit(inner, faults.only(chosen), context))
        waiting &= ~chosen
    if waiting.any():
        edits.append(edit(destination.otherwise, faults.only(waiting), context))
    return together(edits)
