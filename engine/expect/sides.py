"""Pairs of labels, each of which has a side of a plane."""

from __future__ import annotations

import numpy as np

from vesalius.engine.context import Context
from vesalius.engine.divide import take_sides
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

    A component that straddles the plane is at fault only where it lies on the other side.

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
    if expect.per == "component":
        of_piece = found.of_run[pieces.run]
        share = expect.whole_share
        positive = take_sides(pieces.lengths, positive, of_piece, len(found), share).positive
    wants_positive = np.zeros(found.labelmap.largest + 1, dtype=bool)
    firsts = np.array([first for first, _ in expect.pairs], dtype=np.int64)
    wants_positive[firsts[firsts < wants_positive.size]] = True
    runs = LabelMap(
        found.labelmap.grid, found.labelmap.axes, pieces.start, pieces.stop, pieces.label
    )
    faults = connected_faults(take_runs(runs, positive != wants_positive[runs.label]))
    if expect.per == "component":
        return Verdict(findings_by_part(faults, "on the other side"), faults)
    return Verdict(findings_by_label(faults, "on the other side"), faults)
