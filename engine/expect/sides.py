"""Pairs of labels, each of which has a side of a plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.components import Components
from vesalius.engine.context import Context
from vesalius.engine.divide import Sides, take_sides
from vesalius.engine.halfspace import cut
from vesalius.engine.labelmap import LabelMap
from vesalius.engine.steps import OnOwnSide
from vesalius.engine.verdict import (
    Verdict,
    connected_faults,
    findings_by_label,
    findings_by_part,
    take_runs,
)


def judge_own_side(expect: OnOwnSide, context: Context) -> Verdict:
    """Find the components, or voxels, of each pair that lie on the other one's side.

    A component that straddles the plane is at fault only where it lies on the other side, or not
    at all with `leave_unsure`.

    Raises
    ------
    Missing
        If the anchor cannot be used.
    """
    plane = context.fitted(expect.anchor).half_space()
    labels = tuple(label for pair in expect.pairs for label in pair)
    found = context.components(labels)
    halves = cut(found.labelmap, plane)
    positive = halves.inside
    pieces = halves.pieces
    wants_positive = np.zeros(max(labels, default=0) + 1, dtype=bool)
    wants_positive[[first for first, _ in expect.pairs]] = True
    sure = np.ones(len(pieces.run), dtype=bool)
    if expect.per == "component":
        of_piece = found.of_run[pieces.run]
        share = expect.whole_share
        sides = take_sides(pieces.lengths, positive, of_piece, len(found), share)
        positive = sides.positive
        if expect.leave_unsure:
            sure = _beyond_doubt(expect, found, sides, wants_positive)[of_piece]
    runs = LabelMap(
        found.labelmap.grid, found.labelmap.axes, pieces.start, pieces.stop, pieces.label
    )
    faults = connected_faults(take_runs(runs, sure & (positive != wants_positive[runs.label])))
    if expect.per == "component":
        return Verdict(findings_by_part(faults, "on the other side"), faults)
    return Verdict(findings_by_label(faults, "on the other side"), faults)


def _beyond_doubt(
    expect: OnOwnSide, found: Components, sides: Sides, wants_positive: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell for each component whether it is certain to lie on the other side, if it does."""
    own = sides.mostly_positive == wants_positive[found.label]
    # By label: 1 where its largest component lies whole on its own side, -1 on the other, else 0.
    largest = np.flatnonzero((found.rank == 0) & sides.whole)
    main = dict(zip(found.label[largest].tolist(), np.where(own[largest], 1, -1), strict=True))
    there = set(found.label.tolist())
    mains = [(main.get(one, 0), main.get(other, 0)) for one, other in expect.pairs]
    swapped = [pair == (-1, -1) for pair in mains]
    straight = [pair in ((1, 1), (1, 0), (0, 1)) for pair in mains]
    judged = np.zeros(wants_positive.size, dtype=bool)
    for (one, other), pair, crossed in zip(expect.pairs, mains, swapped, strict=True):
        if crossed:
            judged[[one, other]] = sum(swapped) < sum(straight)
        elif one in there and other in there:
            judged[[one, other]] = [side == 1 for side in pair]
    return sides.whole & judged[found.label]
