"""Repairs: where the parts at fault go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vesalius.engine.context import Context
from vesalius.engine.labelmap import LabelMap
from vesalius.engine.repair.counted import edit_to_target
from vesalius.engine.repair.edit import Edit, repaint
from vesalius.engine.repair.into import (
    edit_into,
    edit_into_other,
    edit_into_sides,
)
from vesalius.engine.repair.neighbours import edit_into_neighbour, edit_into_surrounding
from vesalius.engine.repair.regions import edit_into_regions
from vesalius.engine.steps import (
    AsCounted,
    Destination,
    Into,
    IntoEnclosing,
    IntoNeighbour,
    IntoOther,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
)
from vesalius.engine.verdict import Faults, Verdict

__all__ = ["EDITORS", "Edit", "edit", "place"]

# Each returns the new label of every voxel of the parts; none sees a part twice.
EDITORS: Mapping[type, Callable[[Any, Faults, Context], Edit]] = {
    Into: edit_into,
    IntoOther: edit_into_other,
    IntoSides: edit_into_sides,
    IntoSurrounding: edit_into_surrounding,
    AsCounted: edit_to_target,
    IntoEnclosing: edit_to_target,
    IntoNeighbour: lambda d, f, c: edit_into_neighbour(d, f, c, edit),
    IntoRegions: lambda d, f, c: edit_into_regions(d, f, c, edit),
}


def edit(destination: Destination, faults: Faults, context: Context) -> Edit:
    """Work out what becomes of parts.

    Raises
    ------
    Missing
        If what the destination needs (an anchor) is missing.
    TypeError
        If no function knows this kind of destination.
    """
    editor = EDITORS.get(type(destination))
    if editor is None:
        raise TypeError(f"no function repairs by {type(destination).__name__}")
    return editor(destination, faults, context)


def place(destination: Destination, verdict: Verdict, context: Context) -> LabelMap:
    """Return the map after a repair; the same map where there is nothing to repair.

    Raises
    ------
    Missing, TypeError
        As :func:`edit`.
    """
    if verdict.faults is None:
        return context.work
    return repaint(context.work, edit(destination, verdict.faults, context))
