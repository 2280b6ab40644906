"""Repairs to the label that the expectation itself names."""

from __future__ import annotations

from vesalius.engine.context import Context
from vesalius.engine.repair.edit import Edit, edit_to
from vesalius.engine.steps import AsCounted, IntoEnclosing
from vesalius.engine.verdict import Faults


def edit_to_target(
    destination: AsCounted | IntoEnclosing, faults: Faults, context: Context
) -> Edit:
    """Give every part its target: the label of its number, or the label around a hole.

    Raises
    ------
    ValueError
        If the expectation names no label for its parts.
    """
    del context
    if faults.target is None:
        raise ValueError(f"{type(destination).__name__} needs parts that know their label")
    return edit_to(faults, faults.target)
