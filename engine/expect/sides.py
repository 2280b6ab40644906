"""Pairs of labels, each of which has a side of a plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.components import Components
from vesalius.engine.context import Context
from vesalius.engine.distance import within_mm
from vesalius.engine.divide import Sides, take_sides
from vesalius.engine.halfspace import HalfSpace, cut, reflected
from vesalius.engine.labelmap import LabelMap
from vesalius.engine.projection import settled
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
            sure = _beyond_doubt(expect, found, sides, wants_positive, plane)[of_piece]
    runs = LabelMap(
        found.labelmap.grid, found.labelmap.axes, pieces.start, pieces.stop, pieces.label
    )
    faults = connected_faults(take_runs(runs, sure & (positive != wants_positive[runs.label])))
    if expect.per == "component":
        return Verdict(findings_by_part(faults, "on the other side"), faults)
    return Verdict(findings_by_label(faults, "on the other side"), faults)


def _beyond_doubt(
    expect: OnOwnSide,
    found: Components,
    sides: Sides,
    wants_positive: NDArray[np.bool_],
    plane: HalfSpace,
) -> NDArray[np.bool_]:
    """Tell for each component whether it is certain to lie on the other side, if it does."""
    own = sides.mostly_positive == wants_positive[found.label]
    # By label: its largest component, and 1 where it lies whole on its own side, -1 on the other.
    largest = np.flatnonzero(found.rank == 0)
    first = dict(zip(found.label[largest].tolist(), largest.tolist(), strict=True))
    side = {n: int(sides.whole[at]) * (1 if own[at] else -1) for n, at in first.items()}
    mains = [(side.get(one, 0), side.get(other, 0)) for one, other in expect.pairs]
    swapped = mains.count((-1, -1))
    straight = sum(pair in ((1, 1), (1, 0), (0, 1)) for pair in mains)
    across = sides.whole & ~own
    sure = np.zeros(len(found), dtype=bool)
    for pair, main in zip(expect.pairs, mains, strict=True):
        whole_only = bool(set(pair) & set(expect.whole_only))
        if main == (-1, -1):
            if swapped < straight:
                sure |= across & np.isin(found.label, pair)
        elif whole_only:
            continue
        elif pair[0] in first and pair[1] in first:
            for label, other, at in zip(pair, pair[::-1], main, strict=True):
                if at == 1:
                    there = np.flatnonzero(across & (found.label == label))
                    sure[there] = _near(there, first[other], expect.near_mirror_mm, found)
        elif expect.images_mm is not None and mains.count((1, 1)) > swapped:
            sure |= _one_for_both(pair, sides.whole, own, expect.images_mm, found, plane)
    return sure


def _near(
    asked: NDArray[np.intp], main: int, gap_mm: float | None, found: Components
) -> list[bool]:
    """Tell for some components whether they come near another one."""
    if gap_mm is None:
        return [True] * len(asked)
    body = take_runs(found.labelmap, found.of_run == main)
    return [within_mm(take_runs(found.labelmap, found.of_run == n), body, gap_mm) for n in asked]


HALF = 0.5
"""Of two mirror images the smaller has at least this share of the larger."""


def _one_for_both(
    pair: tuple[int, int],
    whole: NDArray[np.bool_],
    own: NDArray[np.bool_],
    images_mm: float,
    found: Components,
    plane: HalfSpace,
) -> NDArray[np.bool_]:
    """Mark the component that carries the label of its mirror image, if there is one."""
    marked = np.zeros(len(found), dtype=bool)
    of_pair = np.isin(found.label, pair)
    # Components come from large to small, so the first of each side is its largest.
    ours, theirs = np.flatnonzero(of_pair & own), np.flatnonzero(of_pair & ~own)
    if not len(ours) or not len(theirs):
        return marked
    here, there = ours[0], theirs[0]
    few, many = sorted((int(found.voxels[here]), int(found.voxels[there])))
    if whole[here] and whole[there] and few >= HALF * many:
        image = reflected(plane, found.measures.centre_mm[there])
        away_mm = np.linalg.norm(image - found.measures.centre_mm[here])
        marked[there] = settled(away_mm) <= images_mm
    return marked
