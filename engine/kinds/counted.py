"""Pooled components that are numbered by their order."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import main_labels
from vesalius.engine.judging.largest import Largest, largest_pooled
from vesalius.engine.judging.targets import target_verdict
from vesalius.engine.judging.verdict import (
    Missing,
    Verdict,
    grouped_faults,
    take_runs,
)
from vesalius.engine.plan.roles import (
    Connectivity,
    Direction,
    LabelsJudged,
    Millimetres,
    PlaneNumber,
    Share,
    Times,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.halfspace import reflected
from vesalius.engine.runs.labelmap import Labels
from vesalius.engine.runs.projection import means_mm, medians_mm, settled


@dataclass(frozen=True)
class Counted(Expect):
    """Pooled components of two sequences are numbered by their order along a direction.

    The components of all labels of both sequences together are pooled and the largest taken, as
    many as there are labels. On each side of the anchor's plane (where at least half of a
    component's voxels lie) they stand in the order of `by` along `direction`: the n-th carries
    the n-th label of its side's sequence. Unless each side has exactly as many as its sequence,
    nothing can be said; with `clear_mm` also where it is not clear: the border of the scan cuts one
    of the components; components that mostly carry
    a label have less than `whole_share` of it; neighbours on one side whose labels are in the wrong
    order are less than `clear_mm` apart; or two mostly carry the same label, unless the other side
    carries its numbers and each component is the mirror image of the one with the same number
    there (as high to less than `clear_mm`, centres at most `image_reach` times that apart, the
    smaller at least `like_share` of the larger).
    """

    positive: LabelsJudged
    negative: LabelsJudged
    anchor: PlaneNumber
    direction: Direction
    by: Literal["mean", "median"] = "median"
    connectivity: Connectivity = 6
    clear_mm: Millimetres | None = None
    whole_share: Share = 0.9
    like_share: Share = 0.6
    image_reach: Times = 2.0


def judge_counted(expect: Counted, context: Context) -> Verdict:
    """Find the components whose label is not the one of their place in the order.

    All labels of both sequences are pooled and the largest components taken, as many as the
    sequences have labels; equally large ones in the order of
    :class:`vesalius.engine.runs.components.Components`. A component lies on the positive side where
    at least half of its voxels do, so one that straddles the plane counts where most of it is.
    On each side the n-th component along the direction, by median or mean to 1e-6 mm, equal
    ones from large to small, is to carry the n-th label of the sequence. The part at fault is
    what does not carry it; its target is that label. Smaller components are not judged.

    Raises
    ------
    Missing
        If the anchor cannot be used, there are too few components, or the sides do not have as
        many as their sequences have labels; with `clear_mm` also if it is not clear which is
        which.
    """
    labels = (*expect.positive, *expect.negative)
    found = largest_pooled(labels, len(labels), expect.anchor, expect.connectivity, context)
    wanted = len(expect.positive), len(expect.negative)
    count = int(found.positive.sum()), int((~found.positive).sum())
    if count != wanted:
        raise Missing(
            f"{count[0]} components on the positive and {count[1]} on the other side; "
            f"{wanted[0]} and {wanted[1]} are needed"
        )
    if expect.by == "mean":
        height_mm = means_mm(found.measures, expect.direction)
    else:
        height_mm = medians_mm(found.runs, found.of_run, len(found), expect.direction)
    target = np.zeros(len(found), dtype=np.uint16)
    for side, sequence in ((found.positive, expect.positive), (~found.positive, expect.negative)):
        own = np.flatnonzero(side)
        target[own[np.argsort(height_mm[own], kind="stable")]] = sequence
    if expect.clear_mm is not None:
        _check_clear(expect, found, target, settled(height_mm), context)
    return _renumbered(found, target, context)


def _check_clear(
    expect: Counted,
    found: Largest,
    target: Labels,
    height_mm: NDArray[np.float64],
    context: Context,
) -> None:
    """Raise Missing where components may be pieces, or neighbours are too near to tell apart."""
    taken = found.of_run >= 0
    runs, of_run = take_runs(found.runs, taken), found.of_run[taken]
    main = main_labels(runs, of_run, len(found))
    cut = found.measures.at_border
    if cut.any():
        name = context.name(int(main[cut][0]))
        raise Missing(f"the border of the scan cuts {name}", cut=(name,))
    label, count = np.unique(main, return_counts=True)
    if twice := label[count > 1].tolist():
        _check_images(expect, found, target, main, height_mm, context.names(twice), context)
    own = np.bincount(of_run, weights=runs.lengths * (runs.label == main[of_run]))
    total = context.voxels(main.tolist())
    for label_there in distinct(main).tolist():
        if own[main == label_there].sum() / total[label_there] < expect.whole_share:
            raise Missing(f"{context.name(label_there)} is in pieces")
    place = {label: at for at, label in enumerate((*expect.positive, *expect.negative))}
    order = np.argsort([place[label] for label in target.tolist()])
    clear_mm = expect.clear_mm or 0.0
    for one, other in itertools.pairwise(order.tolist()):
        inverted = place[int(main[one])] > place[int(main[other])]
        same_side = found.positive[one] == found.positive[other]
        if same_side and inverted and height_mm[other] - height_mm[one] < clear_mm:
            names = context.names((int(main[one]), int(main[other])))
            raise Missing(f"{names} are too near to each other to be told apart")


def _check_images(
    expect: Counted,
    found: Largest,
    target: Labels,
    main: Labels,
    height_mm: NDArray[np.float64],
    twice: str,
    context: Context,
) -> None:
    """Raise Missing unless the other side proves the numbers of the side with a name twice.

    The other side carries its numbers, and each component is the mirror image of the one with the
    same number there: as high to less than `clear_mm`, its centre, reflected by the plane, at
    most `image_reach` times as far from that of the other, and of like size. A piece of a broken
    one is not.
    """
    reason = f"more than one component is mostly {twice}"
    right = [bool((main == target)[side].all()) for side in (found.positive, ~found.positive)]
    if sum(right) != 1:
        raise Missing(reason)
    place = {label: at for at, label in enumerate(expect.positive)}
    place |= {label: at for at, label in enumerate(expect.negative)}
    order = np.argsort([place[label] for label in target.tolist()], kind="stable")
    one, other = (order[side[order]] for side in (found.positive, ~found.positive))
    if len(one) != len(other):
        raise Missing(reason)
    limit_mm = expect.clear_mm or 0.0
    plane = context.fitted(expect.anchor).half_space()
    centre_mm = found.measures.centre_mm
    away_mm = np.linalg.norm(reflected(plane, centre_mm[one]) - centre_mm[other], axis=1)
    higher_mm = settled(np.abs(height_mm[one] - height_mm[other]))
    few, many = np.sort([found.measures.voxels[one], found.measures.voxels[other]], axis=0)
    unlike = few < expect.like_share * many
    far = np.flatnonzero(
        (higher_mm >= limit_mm) | (settled(away_mm) > expect.image_reach * limit_mm) | unlike
    )
    if far.size:
        names = context.names(target[[one[far[0]], other[far[0]]]].tolist())
        raise Missing(f"{reason}, and by their place {names} are no mirror images")


def _renumbered(found: Largest, target: Labels, context: Context) -> Verdict:
    """Make parts of the voxels of components that do not carry their label."""
    taken = found.of_run >= 0
    wrong = np.flatnonzero(taken & (found.runs.label != target[found.of_run]))
    components = distinct(found.of_run[wrong])
    part = np.searchsorted(components, found.of_run[wrong])
    aims = target[components]
    faults = grouped_faults(take_runs(found.runs, wrong), part, components.size, aims)
    return target_verdict(faults, "out of place", "by its place it is", context)
