"""Parts become one label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit, edit_to
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.roles import LabelGiven
from vesalius.engine.plan.step import Repair
from vesalius.engine.plan.where import Region


@dataclass(frozen=True)
class Into(Repair):
    """The part becomes one label; 0 is background."""

    label: LabelGiven

    def targets(self, label: int) -> Iterator[tuple[int, Region]]:
        """Yield the label."""
        del label
        yield self.label, ()


def edit_into(repair: Into, faults: Faults, context: Context) -> Edit:
    """Give every part one label."""
    del context
    return edit_to(faults, np.full(len(faults), repair.label))
