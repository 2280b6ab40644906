"""Parts take the label that their expectation says is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit, edit_to_target
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.step import Repair


@dataclass(frozen=True)
class AsCounted(Repair):
    """The parts take the labels that `Counted`, or another kind that tells them, found."""

    gives_judged: ClassVar[bool] = True


def edit_as_counted(repair: AsCounted, faults: Faults, context: Context) -> Edit:
    """Give every part the label that the expectation wants it to have.

    Raises
    ------
    ValueError
        If the expectation names no label for its parts.
    """
    del context
    return edit_to_target(repair, faults)
