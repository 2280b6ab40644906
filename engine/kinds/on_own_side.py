"""Pairs of labels, each of which has a side of a plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measure_rows import stacked
from vesalius.engine.judging.measures import chosen_runs, halves, pieces_near_one
from vesalius.engine.judging.near_labels import parts_near
from vesalius.engine.judging.verdict import (
    Faults,
    Verdict,
    connected_faults,
    findings_per,
    take_runs,
)
from vesalius.engine.judging.waist import at_waist
from vesalius.engine.merge.divide import take_sides
from vesalius.engine.plan.meant import NearTo
from vesalius.engine.plan.roles import LabelsAmong, Millimetres, PairsJudged, PlaneNumber, Share
from vesalius.engine.plan.step import Expect
from vesalius.engine.plan.where import Condition, Per, Region
from vesalius.engine.runs.build import concatenated
from vesalius.engine.runs.halfspace import HalfSpace, cut, reflected
from vesalius.engine.runs.labelmap import LabelMap, Labels
from vesalius.engine.runs.measure import Measures, measure_groups
from vesalius.engine.runs.projection import settled


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
    what lies on the other side of the plane is at fault; of the plane where the component is
    narrowest, if `waist_mm` lets it move so far (:func:`vesalius.engine.judging.waist.at_waist`).
    With the image go the components of the
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
    waist_mm: Millimetres = 0.0
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
    if expect.per == "component" and expect.leave_unsure:
        return _verdict(expect, _sure_faults(expect, plane, context))
    labels = tuple(label for pair in expect.pairs for label in pair)
    found = context.components(labels)
    parted = halves(labels, expect.anchor, context)
    pieces, positive = parted.pieces, parted.inside
    runs = LabelMap(
        found.labelmap.grid, found.labelmap.axes, pieces.start, pieces.stop, pieces.label
    )
    if expect.per == "component":
        of_piece = found.of_run[pieces.run]
        sides = take_sides(pieces.lengths, positive, of_piece, len(found), expect.whole_share)
        positive = sides.positive
    faults = connected_faults(take_runs(runs, positive != _wants_positive(expect)[runs.label]))
    return _verdict(expect, faults)


def _verdict(expect: OnOwnSide, faults: Faults | None) -> Verdict:
    return Verdict(findings_per(expect.per, faults, "on the other side"), faults)


def _wants_positive(expect: OnOwnSide) -> NDArray[np.bool_]:
    """Tell of each label whether it belongs on the positive side."""
    wants = np.zeros(max((label for pair in expect.pairs for label in pair), default=0) + 1, bool)
    wants[[first for first, _ in expect.pairs]] = True
    return wants


class LabelSides(NamedTuple):
    """How the components of one label lie, as of :class:`vesalius.engine.merge.divide.Sides`."""

    whole: NDArray[np.bool_]
    mostly_positive: NDArray[np.bool_]


def _sides_of_each(
    labels: Sequence[int], plane: HalfSpace, whole_share: float, context: Context
) -> dict[int, LabelSides]:
    """Tell how the components of each label that is present lie to a plane."""

    def find(unknown: list[int]) -> dict[int, LabelSides]:
        each = context.known.components_of_each(unknown, 6)
        stops = np.cumsum([len(own) for own in each]).tolist()
        firsts = [0, *stops[:-1]]
        numbers = [own.of_run + np.int32(at) for own, at in zip(each, firsts, strict=True)]
        # Label by label: no run is looked at together with another one.
        parted = cut(concatenated([own.labelmap for own in each]), plane)
        pieces, of_piece = parted.pieces, np.concatenate(numbers)[parted.pieces.run]
        sides = take_sides(pieces.lengths, parted.inside, of_piece, stops[-1], whole_share)
        return {
            label: LabelSides(sides.whole[first:stop], sides.mostly_positive[first:stop])
            for label, first, stop in zip(unknown, firsts, stops, strict=True)
        }

    return context.known.facts(labels, ("sides", plane, whole_share), find)


class Sided(NamedTuple):
    """The components of some pairs, and how they lie.

    Parameters
    ----------
    label : ndarray of uint16
        The label of each, ascending; of a label from large to small.
    measures : Measures
        The measures of each.
    whole : ndarray of bool
        Whether each lies whole on one side.
    own : ndarray of bool
        Whether most of each lies on its own side.
    asked : ndarray of bool
        Whether each comes near to what a piece across must be near to.
    """

    label: Labels
    measures: Measures
    whole: NDArray[np.bool_]
    own: NDArray[np.bool_]
    asked: NDArray[np.bool_]

    @property
    def across(self) -> NDArray[np.bool_]:
        """Whether each component lies whole on the other side."""
        return np.asarray(self.whole & ~self.own)

    def place(self, label: int) -> int:
        """Return the first component of a label."""
        return int(np.searchsorted(self.label, label))


def _sure_faults(expect: OnOwnSide, plane: HalfSpace, context: Context) -> Faults | None:
    """Return what lies on the other side beyond doubt."""
    labels = tuple(label for pair in expect.pairs for label in pair)
    sides = _sides_of_each(labels, plane, expect.whole_share, context)
    found = context.known.components_of_each(labels, 6)
    if not found:
        return None
    label = np.concatenate([one.label for one in found])
    mostly_positive = np.concatenate([one.mostly_positive for one in sides.values()])
    wants_positive = _wants_positive(expect)
    asked = np.ones(label.size, dtype=bool)
    if expect.near_to is not None:
        whole = context.components(labels)
        asked = parts_near(whole.labelmap, whole.of_run, len(whole), expect.near_to, context)
    bodies = Sided(
        label,
        stacked(found[0].labelmap, [one.measures for one in found]),
        np.concatenate([one.whole for one in sides.values()]),
        np.asarray(mostly_positive == wants_positive[label]),
        asked,
    )
    sure = _beyond_doubt(expect, bodies, plane, context)
    pieces = []
    for one in found:
        ours, mine = label == one.label[0], wants_positive[one.label[0]]
        for across in (sure & bodies.whole, sure & ~bodies.whole):
            runs = take_runs(one.labelmap, across[ours][one.of_run])
            start, stop = runs.start, runs.stop
            if len(runs) and not bodies.whole[across & ours].all():
                parted = cut(runs, at_waist(runs, plane, expect.waist_mm))
                rows = parted.inside != mine
                start, stop = parted.pieces.start[rows], parted.pieces.stop[rows]
            pieces.append((start, stop, np.full(start.size, one.label[0])))
    starts, stops, names = (np.concatenate(column) for column in zip(*pieces, strict=True))
    if not starts.size:
        return None
    order = np.argsort(starts)
    like = found[0].labelmap
    runs = LabelMap(like.grid, like.axes, starts[order], stops[order], names[order])
    return connected_faults(runs)


def _halves_of(label: int, at: int, plane: HalfSpace, context: Context) -> Measures:
    """Measure what of a component lies on the negative and the positive side of a plane."""
    runs = chosen_runs(label, np.array([at]), context).runs
    parted = cut(runs, plane)
    return measure_groups(parted.pieces, parted.inside.astype(np.int32), 2)


def _beyond_doubt(
    expect: OnOwnSide, bodies: Sided, plane: HalfSpace, context: Context
) -> NDArray[np.bool_]:
    """Tell for each component whether it is certain to lie on the other side, if it does."""
    label, own, across = bodies.label, bodies.own, bodies.across
    # By label: its largest component, and 1 where it lies whole on its own side, -1 on the other.
    largest = np.flatnonzero(np.diff(label, prepend=label[:1] + np.uint16(1)))
    first = dict(zip(label[largest].tolist(), largest.tolist(), strict=True))
    side = {n: int(bodies.whole[at]) * (1 if own[at] else -1) for n, at in first.items()}
    mains = [(side.get(one, 0), side.get(other, 0)) for one, other in expect.pairs]
    swapped = mains.count((-1, -1))
    straight = sum(pair in ((1, 1), (1, 0), (0, 1)) for pair in mains)
    sure = np.zeros(label.size, dtype=bool)
    for pair, main in zip(expect.pairs, mains, strict=True):
        whole_only = bool(set(pair) & set(expect.whole_only))
        if main == (-1, -1):
            if swapped < straight:
                sure |= across & np.isin(label, pair)
        elif whole_only:
            continue
        elif pair[0] in first and pair[1] in first:
            for one, other, at in zip(pair, pair[::-1], main, strict=True):
                if at == 1:
                    there = across & bodies.asked & (label == one)
                    sure |= _near(there, first[other], expect.near_mirror_mm, bodies, context)
        elif expect.images_mm is not None and mains.count((1, 1)) > swapped:
            image = _one_for_both(expect, pair, bodies, plane, context)
            if image is not None:
                there = across & bodies.asked & (label == label[image])
                sure |= _near(there, image, expect.near_mirror_mm, bodies, context)
                sure[image] = True
    return sure


def _near(
    asked: NDArray[np.bool_], main: int, gap_mm: float | None, bodies: Sided, context: Context
) -> NDArray[np.bool_]:
    """Tell for some components of one label whether they come near another component."""
    if gap_mm is None or not asked.any():
        return asked
    near = np.zeros(asked.size, dtype=bool)
    rows = np.flatnonzero(asked)
    label, other = int(bodies.label[rows[0]]), int(bodies.label[main])
    at = main - bodies.place(other)
    near[rows] = pieces_near_one(label, rows - bodies.place(label), other, at, gap_mm, context)
    return near


def _one_for_both(
    expect: OnOwnSide, pair: tuple[int, int], bodies: Sided, plane: HalfSpace, context: Context
) -> int | None:
    """Return the component that carries the label of its mirror image, or half of which does."""
    of_pair = np.isin(bodies.label, pair)
    # Components come from large to small, so the first of each side is its largest.
    ours, theirs = np.flatnonzero(of_pair & bodies.own), np.flatnonzero(of_pair & ~bodies.own)
    main = np.flatnonzero(of_pair)[:1]
    if main.size and not bodies.whole[main[0]]:
        at, label = int(main[0]), int(bodies.label[main[0]])
        both = _halves_of(label, at - bodies.place(label), plane, context)
        return at if _are_images(expect, both, 0, 1, plane) else None
    if not len(ours) or not len(theirs):
        return None
    here, there = int(ours[0]), int(theirs[0])
    if not (bodies.whole[here] and bodies.whole[there]):
        return None
    images = _are_images(expect, bodies.measures, here, there, plane)
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
