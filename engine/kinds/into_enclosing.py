"""Holes take the label around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit, edit_to_target
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.step import Repair


@dataclass(frozen=True)
class IntoEnclosing(Repair):
    """The part, a hole that `Filled` found, takes the label that encloses it."""

    gives_judged: ClassVar[bool] = True


def edit_into_enclosing(repair: IntoEnclosing, faults: Faults, context: Context) -> Edit:
    """Give every hole the label around it.

    Raises
    ------
    ValueError
        If the expectation names no label for its parts.
    """
    del context
    return edit_to_target(repair, faults)
