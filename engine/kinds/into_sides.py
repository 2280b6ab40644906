"""Parts become one label on each side of a plane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.merge.divide import take_sides
from vesalius.engine.plan.roles import LabelGiven, PlaneNumber, Share
from vesalius.engine.plan.step import Repair
from vesalius.engine.plan.where import Condition, Region
from vesalius.engine.runs.halfspace import cut


@dataclass(frozen=True)
class IntoSides(Repair):
    """The part becomes one label on the positive side of a plane, another on the negative side.

    Per component: by share as in `OnOwnSide`, cutting what straddles.
    """

    anchor: PlaneNumber
    positive: LabelGiven
    negative: LabelGiven
    whole_share: Share = 0.9

    def targets(self, label: int) -> Iterator[tuple[int, Region]]:
        """Yield the label of each side."""
        del label
        yield self.positive, (Condition(self.anchor, inside=True),)
        yield self.negative, (Condition(self.anchor, inside=False),)


def edit_into_sides(repair: IntoSides, faults: Faults, context: Context) -> Edit:
    """Give every part the label of its side of a plane, cutting those that straddle it.

    Raises
    ------
    Missing
        If the anchor cannot be used.
    """
    halves = cut(faults.runs, context.fitted(repair.anchor).half_space())
    pieces = halves.pieces
    sides = take_sides(
        pieces.lengths,
        halves.inside,
        faults.part[pieces.run],
        len(faults),
        repair.whole_share,
    )
    positive, negative = np.uint16(repair.positive), np.uint16(repair.negative)
    return Edit(pieces.start, pieces.stop, np.where(sides.positive, positive, negative))
