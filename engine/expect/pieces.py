"""The number of connected components of labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.components import Components
from vesalius.engine.contacts import group_contacts
from vesalius.engine.context import Context
from vesalius.engine.distance import plane_spacing_mm, within_mm
from vesalius.engine.projection import settled
from vesalius.engine.steps import Pieces
from vesalius.engine.verdict import (
    Finding,
    Verdict,
    findings_by_part,
    grouped_faults,
    in_ml,
    take_runs,
)


def judge_pieces(expect: Pieces, context: Context) -> Verdict:
    """Find the components beyond the largest ones, and the labels with too few.

    Components below `ignore_below_ml` do not count, and stay. Of equally large components the
    order of :class:`vesalius.engine.components.Components` decides.
    """
    found = context.components(expect.labels, expect.connectivity, joint=expect.joint)
    counted = ~context.below_ml(found.voxels, expect.ignore_below_ml)
    # Place among the counted components of the same label, 0 for the largest: they come by
    # label and then by size, so those that do not count are the last of their label.
    place = found.rank
    at_fault = np.zeros(len(found), dtype=bool)
    if expect.at_most is not None:
        at_fault = counted & (place >= expect.at_most) & _extra(expect, found)
        if expect.spare_lone:
            at_fault &= ~_lone(expect, found, context)
        if expect.touching_share > 0:
            at_fault &= _touching_share(found) >= expect.touching_share
        if expect.spare_near_mm > 0:
            stays = counted & ~at_fault
            at_fault &= ~_near_kept(at_fault, stays, expect.spare_near_mm, found)
    number = np.cumsum(at_fault) - 1
    rows = np.flatnonzero(at_fault[found.of_run]) if len(found) else np.empty(0, dtype=np.intp)
    faults = grouped_faults(
        take_runs(found.labelmap, rows), number[found.of_run[rows]], int(at_fault.sum())
    )
    values = [(("place", float(at + 1)),) for at in place[at_fault].tolist()]
    findings = list(findings_by_part(faults, "another piece", values))
    if expect.at_least is not None:
        pools = [expect.labels] if expect.joint else [(label,) for label in expect.labels]
        for pool in pools:
            own = counted if expect.joint else counted & (found.label == pool[0])
            pieces = int(own.sum())
            if pieces < expect.at_least:
                voxels = int(found.voxels[own].sum())
                ml = in_ml(context.work.grid, voxels)
                few = (("pieces", float(pieces)), ("at_least", float(expect.at_least)))
                findings.append(Finding("too few pieces", tuple(pool), voxels, ml, values=few))
    return Verdict(tuple(findings), faults)


def _extra(expect: Pieces, found: Components) -> NDArray[np.bool_]:
    """Tell for each component whether it is of such a size and place that it may be at fault."""
    largest = np.arange(len(found)) - found.rank
    # A quotient of integers is rounded as the share itself was: 11 of 20 is 0.55.
    share = found.voxels / found.voxels[largest]
    extra = share >= expect.at_least_share
    if expect.at_most_share is not None:
        extra &= share <= expect.at_most_share
    if expect.spare_border_mm is not None:
        extra &= ~_at_border(expect.spare_border_mm, found)
    return np.asarray(extra)


def _near_kept(
    asked: NDArray[np.bool_], stays: NDArray[np.bool_], gap_mm: float, found: Components
) -> NDArray[np.bool_]:
    """Tell for those components that are asked for whether they are near one that stays."""
    near = np.zeros(len(found), dtype=bool)
    first = np.arange(len(found)) - found.rank
    for at in np.flatnonzero(asked):
        one = take_runs(found.labelmap, found.of_run == at)
        others = np.flatnonzero(stays & (first == first[at]))
        near[at] = any(
            within_mm(one, take_runs(found.labelmap, found.of_run == other), gap_mm)
            for other in others
        )
    return near


def _lone(expect: Pieces, found: Components, context: Context) -> NDArray[np.bool_]:
    """Tell for each component whether it touches no other label: it is a pooled one by itself."""
    pooled = context.components(expect.labels, expect.connectivity, joint=True)
    first = np.unique(found.of_run, return_index=True)[1]
    return np.asarray(pooled.voxels[pooled.of_run[first]] == found.voxels)


def _touching_share(found: Components) -> NDArray[np.float64]:
    """Return the share of each component's voxel faces that border on another label.

    All other labels count as background; a face between two components of one label cannot be.
    """
    pairs = group_contacts(found.labelmap, found.of_run.astype(np.int64) + 1)
    faces, touching = np.zeros(len(found) + 1), np.zeros(len(found) + 1)
    for own, other in ((pairs.a, pairs.b), (pairs.b, pairs.a)):
        np.add.at(faces, own, pairs.faces)
        np.add.at(touching, own[other > 0], pairs.faces[other > 0])
    return np.asarray(touching[1:] / np.maximum(faces[1:], 1))


def _at_border(within: float, found: Components) -> NDArray[np.bool_]:
    """Tell for each component whether it comes within a distance of an outermost voxel layer."""
    grid = found.labelmap.grid
    layers = np.minimum(found.box_lo, np.array(grid.shape) - found.box_hi)
    return np.asarray((settled(layers * plane_spacing_mm(grid)) <= within).any(axis=1))
