"""Repairs that depend on where a part lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit, EditParts, together
from vesalius.engine.judging.regions import centres_inside
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.step import Repair
from vesalius.engine.plan.where import Region


@dataclass(frozen=True)
class IntoRegions(Repair):
    """The first region that holds the part (by its centre) decides; `otherwise` if none.

    Where an anchor is missing that a part still depends on, nothing is repaired.
    """

    cases: tuple[tuple[Region, Repair], ...]
    otherwise: Repair

    def targets(self, label: int) -> Iterator[tuple[int, Region]]:
        """Yield what the repair of each region yields, and there."""
        for region, inner in self.cases:
            for target, where in inner.targets(label):
                yield target, (*region, *where)
        yield from self.otherwise.targets(label)


def edit_into_regions(
    repair: IntoRegions,
    faults: Faults,
    context: Context,
    edit: EditParts,
) -> Edit:
    """Repair each part as the first region that holds its centre says.

    Parameters
    ----------
    repair : IntoRegions
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
    for region, inner in repair.cases:
        if not waiting.any():
            break
        chosen = waiting & centres_inside(faults.centre_mm, region, context)
        if chosen.any():
            edits.append(edit(inner, faults.only(chosen), context))
        waiting &= ~chosen
    if waiting.any():
        edits.append(edit(repair.otherwise, faults.only(waiting), context))
    return together(edits)
