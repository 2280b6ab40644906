"""Parts become the other label of a pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.roles import PairsGiven
from vesalius.engine.plan.step import Repair
from vesalius.engine.plan.where import Region


@dataclass(frozen=True)
class IntoOther(Repair):
    """Each voxel of the part becomes the other label of its label's pair."""

    pairs: PairsGiven

    def targets(self, label: int) -> Iterator[tuple[int, Region]]:
        """Yield the other label of each pair that has the label."""
        for one, other in self.pairs:
            if label in (one, other):
                yield (other if label == one else one), ()


def edit_into_other(repair: IntoOther, faults: Faults, context: Context) -> Edit:
    """Give every voxel at fault the other label of its pair.

    Raises
    ------
    ValueError
        If a label at fault is in no pair.
    """
    other: dict[int, int] = {}
    for one, two in repair.pairs:
        other[one], other[two] = two, one
    lone = sorted(set(faults.runs.labels().tolist()) - set(other))
    if lone or not faults.runs.label.all():
        raise ValueError(f"no pair has {context.names(lone or (0,))}")
    lut = np.zeros(faults.runs.largest + 1, dtype=np.uint16)
    for one, two in other.items():
        if one < lut.size:
            lut[one] = two
    return Edit(faults.runs.start, faults.runs.stop, lut[faults.runs.label])
