"""Pairs of labels, each of which has a side of a plane."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import chosen_runs, halves
from vesalius.engine.judging.near_labels import parts_near
from vesalius.engine.judging.verdict import (
    Verdict,
    connected_faults,
    findings_by_label,
    findings_by_part,
    take_runs,
)
from vesalius.engine.merge.divide import Sides, take_sides
from vesalius.engine.plan.meant import NearTo
from vesalius.engine.plan.roles import LabelsAmong, Millimetres, PairsJudged, PlaneNumber, Share
from vesalius.engine.plan.step import Expect
from vesalius.engine.plan.where import Condition, Per, Region
from vesalius.engine.runs.components import Components
from vesalius.engine.runs.crop import as_box
from vesalius.engine.runs.distance import box_distance_mm, parts_within_mm
from vesalius.engine.runs.grid import plane_spacing_mm
from vesalius.engine.runs.halfspace import Cut, HalfSpace, reflected
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures, measure_groups
from vesalius.engine.runs.projection import settled
from vesalius.engine.runs.reach import MARGIN_MM


@dataclass(frozen=True)
class OnOwnSide(Expect):
    """Parts of each pair's first label lie on a plane's positive side, of its second on the other.

    Per component, a component with at least `whole_share` of its voxels on one side counts as
    lying there whole; one that straddles the plane is judged voxel by voxel.

    With `leave_unsure` only what is beyond doubt is at fault: components that lie whole on the
    other side, if the largest component of their label lies whole on its own and the pair's other
    label is present; or if both labels of the pair have their largest component whole on the
    other's side, while more pairs have one on its own side and none on the other. Then with
    `near_mirror_mm` of a pair that is not swapped only components are at fault that come so near
    to the largest component of the other label (by voxel centres), and with `near_to` only those
    that come near to these labels. Labels of `whole_only` are
    judged only where their pair is swapped. With `images_mm` one label may also stand for both:
    the other label is absent, the largest component of the label on one side of the plane and
    that on the other lie there whole, one has at least `like_share` of the voxels of the other,
    they are mirror images (the centre of one, reflected by the plane, is at most `images_mm` from
    that of the other), and more pairs have both largest components on their own side than on the
    other's. So may one component that lies on neither side whole, if its two sides are such images:
    what lies on the other side of the plane is at fault. With the image go the components of the
    label across that come as near to it (to the component that is cut) as `near_mirror_mm` says,
    and to the labels of `near_to`.
    """

    pairs: PairsJudged
    anchor: PlaneNumber
    per: Per = "component"
    whole_share: Share = 0.9
    leave_unsure: bool = False
    near_mirror_mm: Millimetres | None = None
    images_mm: Millimetres | None = None
    whole_only: LabelsAmong = ()
    like_share: Share = 0.5
    near_to: NearTo | None = None

    def wrong_where(self, label: int) -> Region:
        """Give the side of the plane on which the label must not lie."""
        first = any(label == positive for positive, _ in self.pairs)
        return (Condition(self.anchor, inside=not first),)


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
    parted = halves(labels, expect.anchor, context)
    pieces, positive = parted.pieces, parted.inside
    runs = LabelMap(
        found.labelmap.grid, found.labelmap.axes, pieces.start, pieces.stop, pieces.label
    )
    wants_positive = np.zeros(max(labels, default=0) + 1, dtype=bool)
    wants_positive[[first for first, _ in expect.pairs]] = True
    sure = np.ones(len(pieces.run), dtype=bool)
    if expect.per == "component":
        of_piece = found.of_run[pieces.run]
        share = expect.whole_share
        sides = take_sides(pieces.lengths, positive, of_piece, len(found), share)
        positive = sides.positive
        if expect.leave_unsure:
            asked = np.ones(len(found), dtype=bool)
            if expect.near_to is not None:
                asked = parts_near(
                    found.labelmap, found.of_run, len(found), expect.near_to, context
                )
            parts = functools.cache(lambda: measured_halves(runs, parted, of_piece))
            bodies = Bodies(found, sides, wants_positive, parts, asked)
            sure = _beyond_doubt(expect, bodies, plane, context)[of_piece]
    faults = connected_faults(take_runs(runs, sure & (positive != wants_positive[runs.label])))
    if expect.per == "component":
        return Verdict(findings_by_part(faults, "on the other side"), faults)
    return Verdict(findings_by_label(faults, "on the other side"), faults)


class Bodies(NamedTuple):
    """The components of some pairs, and how they lie.

    Parameters
    ----------
    found : Components
        The components.
    sides : Sides
        The side that each lies on.
    wants_positive : ndarray of bool
        By label, whether it belongs on the positive side.
    halves : callable
        Two rows for each component: what is on the negative side, and on the positive one.
    asked : ndarray of bool
        Whether each comes near to what a piece across must be near to.
    """

    found: Components
    sides: Sides
    wants_positive: NDArray[np.bool_]
    halves: Callable[[], Measures]
    asked: NDArray[np.bool_]

    @property
    def own(self) -> NDArray[np.bool_]:
        """Whether most of each component lies on its own side."""
        return np.asarray(self.sides.mostly_positive == self.wants_positive[self.found.label])

    @property
    def across(self) -> NDArray[np.bool_]:
        """Whether each component lies whole on the other side."""
        return np.asarray(self.sides.whole & ~self.own)


def measured_halves(runs: LabelMap, parted: Cut, of_piece: NDArray[np.int32]) -> Measures:
    """Measure what of each component lies on the negative and the positive side of a plane."""
    group = 2 * of_piece + parted.inside
    return measure_groups(runs, group, 2 * (int(of_piece.max(initial=-1)) + 1))


def _beyond_doubt(
    expect: OnOwnSide, bodies: Bodies, plane: HalfSpace, context: Context
) -> NDArray[np.bool_]:
    """Tell for each component whether it is certain to lie on the other side, if it does."""
    found, sides, own, across = bodies.found, bodies.sides, bodies.own, bodies.across
    # By label: its largest component, and 1 where it lies whole on its own side, -1 on the other.
    largest = np.flatnonzero(found.rank == 0)
    first = dict(zip(found.label[largest].tolist(), largest.tolist(), strict=True))
    side = {n: int(sides.whole[at]) * (1 if own[at] else -1) for n, at in first.items()}
    mains = [(side.get(one, 0), side.get(other, 0)) for one, other in expect.pairs]
    swapped = mains.count((-1, -1))
    straight = sum(pair in ((1, 1), (1, 0), (0, 1)) for pair in mains)
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
                    there = across & bodies.asked & (found.label == label)
                    sure |= _near(there, first[other], expect.near_mirror_mm, found, context)
        elif expect.images_mm is not None and mains.count((1, 1)) > swapped:
            image = _one_for_both(expect, pair, bodies, plane)
            if image is not None:
                there = across & bodies.asked & (found.label == found.label[image])
                sure |= _near(there, image, expect.near_mirror_mm, found, context)
                sure[image] = True
    return sure


def _near(
    asked: NDArray[np.bool_], main: int, gap_mm: float | None, found: Components, context: Context
) -> NDArray[np.bool_]:
    """Tell for some components of one label whether they come near another component."""
    if gap_mm is None or not asked.any():
        return asked
    near = np.zeros(len(found), dtype=bool)
    box = as_box(found.box_lo[main], found.box_hi[main])
    grid = context.work.grid
    rows = np.flatnonzero(asked)
    away = box_distance_mm(grid, box, (found.box_lo[rows], found.box_hi[rows]))
    rows = rows[away <= gap_mm + MARGIN_MM]
    # Two voxels are at least as far apart as two layers of them.
    if not rows.size or gap_mm < plane_spacing_mm(grid).min() - MARGIN_MM:
        return near
    begin = {int(n): int(np.searchsorted(found.label, n)) for n in found.label[[rows[0], main]]}
    label, other = int(found.label[rows[0]]), int(found.label[main])
    parts = chosen_runs(label, rows - begin[label], context)
    body = chosen_runs(other, np.array([main - begin[other]]), context)
    near[rows] = parts_within_mm(parts.runs, parts.part, rows.size, body.runs, gap_mm)
    return near


def _one_for_both(
    expect: OnOwnSide, pair: tuple[int, int], bodies: Bodies, plane: HalfSpace
) -> int | None:
    """Return the component that carries the label of its mirror image, or half of which does."""
    of_pair = np.isin(bodies.found.label, pair)
    # Components come from large to small, so the first of each side is its largest.
    ours, theirs = np.flatnonzero(of_pair & bodies.own), np.flatnonzero(of_pair & ~bodies.own)
    main = np.flatnonzero(of_pair)[:1]
    if main.size and not bodies.sides.whole[main[0]]:
        at = int(main[0])
        images = _are_images(expect, bodies.halves(), 2 * at, 2 * at + 1, plane)
        return at if images else None
    if not len(ours) or not len(theirs):
        return None
    here, there = int(ours[0]), int(theirs[0])
    if not (bodies.sides.whole[here] and bodies.sides.whole[there]):
        return None
    images = _are_images(expect, bodies.found.measures, here, there, plane)
    return there if images else None


def _are_images(
    expect: OnOwnSide, measures: Measures, one: int, other: int, plane: HalfSpace
) -> bool:
    """Tell whether two bodies are of like size, and mirror images of each other."""
    few, many = sorted((int(measures.voxels[one]), int(measures.voxels[other])))
    if not few or few < expect.like_share * many:
        return False
    image = reflected(plane, measures.centre_mm[other])
    away_mm = np.linalg.norm(image - measures.centre_mm[one])
    return bool(settled(away_mm) <= (expect.images_mm or 0.0))
