"""Repairs that name the new label: one label, one per side of a plane, the other of a pair."""

from __future__ import annotations

import numpy as np

from vesalius.engine.context import Context
from vesalius.engine.divide import take_sides
from vesalius.engine.halfspace import cut
from vesalius.engine.repair.edit import Edit, edit_to
from vesalius.engine.steps import Into, IntoOther, IntoSides
from vesalius.engine.verdict import Faults


def edit_into(destination: Into, faults: Faults, context: Context) -> Edit:
    """Give every part one label."""
    del context
    return edit_to(faults, np.full(len(faults), destination.label))


def edit_into_other(destination: IntoOther, faults: Faults, context: Context) -> Edit:
    """Give every voxel at fault the other label of its pair.

    Raises
    ------
    ValueError
        If a label at fault is in no pair.
    """
    other: dict[int, int] = {}
    for one, two in destination.pairs:
        other[one], other[two] = two, one
    lone = sorted(set(faults.runs.labels().tolist()) - set(other))
    if lone or not faults.runs.label.all():
        raise ValueError(f"no pair has {context.names(lone or (0,))}")
    lut = np.zeros(faults.runs.largest + 1, dtype=np.uint16)
    for one, two in other.items():
        if one < lut.size:
            lut[one] = two
    return Edit(faults.runs.start, faults.runs.stop, lut[faults.runs.label])


def edit_into_sides(destination: IntoSides, faults: Faults, context: Context) -> Edit:
    """Give every part the label of its side of a plane, cutting those that straddle it.

    Raises
    ------
    Missing
        If the anchor cannot be used.
    """
    halves = cut(faults.runs, context.fitted(destination.anchor).half_space())
    pieces = halves.pieces
    sides = take_sides(
        pieces.lengths,
        halves.inside,
        faults.part[pieces.run],
        len(faults),
        destination.whole_share,
    )
    positive, negative = np.uint16(destination.positive), np.uint16(destination.negative)
    return Edit(pieces.start, pieces.stop, np.where(sides.positive, positive, negative))
