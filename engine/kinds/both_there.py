"""Pairs of labels of which one is there, and where the other should be too."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.about import cut_reasons, too_few
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Finding, Reason, Verdict, position
from vesalius.engine.plan.roles import Count, PairsJudged, PlaneNumber
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.halfspace import HalfSpace, reflected
from vesalius.engine.runs.projection import settled


@dataclass(frozen=True)
class BothThere(Expect):
    """Of each pair both labels are there, or none, where the scan shows both places.

    The place of the one that is not there is the mirror image, behind the plane, of the box of the
    other one. Nothing is said where that has fewer voxels than `fewest_voxels`, where the border of
    the scan cuts it, or where a corner of the place is outside the scan.
    """

    pairs: PairsJudged
    anchor: PlaneNumber
    fewest_voxels: Count = 0


def judge_both_there(expect: BothThere, context: Context) -> Verdict:
    """Find labels that are not there while their mirror is; nothing is moved.

    Raises
    ------
    Missing
        If one of a pair is there alone, and the plane cannot be used.
    """
    known = set(context.present([label for pair in expect.pairs for label in pair]))
    alone = {
        label: other
        for one, two in expect.pairs
        for label, other in ((one, two), (two, one))
        if label in known and other not in known
    }
    if not alone:
        return Verdict()
    plane = context.fitted(expect.anchor).half_space()
    cut = cut_reasons(tuple(alone), context)
    voxels = context.voxels(tuple(alone))
    findings: list[Finding] = []
    unsaid: list[Reason] = []
    judged = 0
    for label in sorted(alone):
        if label in cut:
            unsaid.append(cut[label])
        elif voxels[label] < expect.fewest_voxels:
            unsaid.append(too_few((label,), context))
        elif (centre := _seen_place(label, plane, context)) is None:
            place = f"the place of {context.name(alone[label])}"
            unsaid.append(Reason(f"{place} is outside the scan"))
        else:
            judged += 1
            findings.append(Finding("not there", (alone[label],), at_mm=position(centre)))
    reasons = tuple(unsaid)
    if not judged:
        return Verdict(lacks=reasons, unsaid=reasons)
    return Verdict(tuple(findings), unsaid=reasons)


def _seen_place(label: int, plane: HalfSpace, context: Context) -> np.ndarray | None:
    """Return the centre of the mirror image of a label's box; None where the scan leaves it."""
    found = context.measures((label,))
    ends = np.stack((found.box_lo[0], found.box_hi[0] - 1))
    corners = np.array([[ends[at[axis], axis] for axis in range(3)]
                        for at in itertools.product((0, 1), repeat=3)])  # fmt: skip
    image = settled(found.grid.to_ijk(reflected(plane, found.grid.to_mm(corners))))
    if (image < -0.5).any() or (image > np.array(found.grid.shape) - 0.5).any():
        return None
    return np.asarray(reflected(plane, found.centre_mm[0]))
