"""Pooled components numbered by their order, and whether that order can be trusted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.context import Context
from vesalius.engine.faults import main_labels
from vesalius.engine.halfspace import inside_voxels, reflected
from vesalius.engine.labelmap import LabelMap, Labels
from vesalius.engine.measure import Measures, measure_groups
from vesalius.engine.projection import means_mm, medians_mm, minima_mm, settled
from vesalius.engine.steps import Agrees, Counted
from vesalius.engine.verdict import (
    Finding,
    Missing,
    Values,
    Verdict,
    findings_by_part,
    grouped_faults,
    position,
    take_runs,
)


class _Largest(NamedTuple):
    """The largest pooled components of some labels, from large to small.

    Parameters
    ----------
    runs : LabelMap
        All runs of the labels.
    of_run : ndarray of int32, shape (number of runs,)
        Component 0..n-1 of each run, -1 for a run of a smaller one.
    measures : Measures
        Measures of the components.
    positive : ndarray of bool, shape (n,)
        Whether at least half of the voxels of each lie on the positive side of the plane.
    """

    runs: LabelMap
    of_run: NDArray[np.int32]
    measures: Measures
    positive: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of components."""
        return len(self.measures)


def judge_counted(expect: Counted, context: Context) -> Verdict:
    """Find the components whose label is not the one of their place in the order.

    All labels of both sequences are pooled and the largest components taken, as many as the
    sequences have labels; equally large ones in the order of
    :class:`vesalius.engine.components.Components`. A component lies on the positive side where
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
    found = _largest(labels, len(labels), expect.anchor, expect.connectivity, context)
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


WHOLE_SHARE = 0.9
"""A component with less of its main label than this is not all of it."""


LIKE_SHARE = 0.6
"""Of two mirror images the smaller has at least this share of the larger."""


def _check_clear(
    expect: Counted,
    found: _Largest,
    target: Labels,
    height_mm: NDArray[np.float64],
    context: Context,
) -> None:
    """Raise Missing where components may be pieces, or neighbours are too near to tell apart."""
    taken = found.of_run >= 0
    runs, of_run = take_runs(found.runs, taken), found.of_run[taken]
    main = main_labels(runs, of_run, len(found))
    cut = found.measures.on_border.any(axis=(1, 2))
    if cut.any():
        raise Missing(f"the border of the scan cuts {context.name(int(main[cut][0]))}")
    label, count = np.unique(main, return_counts=True)
    if twice := label[count > 1].tolist():
        _check_images(expect, found, target, main, height_mm, context.names(twice), context)
    own = np.bincount(of_run, weights=runs.lengths * (runs.label == main[of_run]))
    total = context.voxels(main.tolist())
    for label_there in np.unique(main).tolist():
        if own[main == label_there].sum() / total[label_there] < WHOLE_SHARE:
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
    found: _Largest,
    target: Labels,
    main: Labels,
    height_mm: NDArray[np.float64],
    twice: str,
    context: Context,
) -> None:
    """Raise Missing unless the other side proves the numbers of the side with a name twice.

    The other side carries its numbers, and each component is the mirror image of the one with the
    same number there: as high to less than `clear_mm`, its centre, reflected by the plane, at
    most twice as far from that of the other, and of like size. A piece of a broken one is not.
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
    unlike = few < LIKE_SHARE * many
    far = np.flatnonzero((higher_mm >= limit_mm) | (settled(away_mm) > 2 * limit_mm) | unlike)
    if far.size:
        names = context.names(target[[one[far[0]], other[far[0]]]].tolist())
        raise Missing(f"{reason}, and by their place {names} are no mirror images")


def _renumbered(found: _Largest, target: Labels, context: Context) -> Verdict:
    """Make parts of the voxels of components that do not carry their label."""
    taken = found.of_run >= 0
    wrong = np.flatnonzero(taken & (found.runs.label != target[found.of_run]))
    components = np.unique(found.of_run[wrong])
    part = np.searchsorted(components, found.of_run[wrong])
    aims = target[components]
    faults = grouped_faults(take_runs(found.runs, wrong), part, components.size, aims)
    findings = tuple(
        replace(finding, note=f"by its place it is {context.name(aim)}")
        for finding, aim in zip(
            findings_by_part(faults, "out of place"), aims.tolist(), strict=True
        )
    )
    return Verdict(findings, faults)


def judge_agrees(expect: Agrees, context: Context) -> Verdict:
    """Find the components whose side or order depends on how it is measured.

    The `expected` largest pooled components are taken and given sides as in `Counted`. The
    sides agree if the components of the positive side are also those with the largest minimum
    along the plane's normal. The order agrees if on each side the minima along the direction
    rise in the order of the medians. Equal figures (to 1e-6 mm) agree. Each neighbouring pair
    that disagrees is a finding, with the main label of both; there are no parts.

    Raises
    ------
    Missing
        If the anchor cannot be used or there are fewer components than expected.
    """
    labels = expect.labels
    found = _largest(labels, expect.expected, expect.anchor, expect.connectivity, context)
    number = len(found)
    grouped = grouped_faults(
        take_runs(found.runs, found.of_run >= 0), found.of_run[found.of_run >= 0], number
    )
    names = [] if grouped is None else grouped.label.tolist()
    findings: list[Finding] = []
    if expect.sides and found.positive.any() and not found.positive.all():
        normal = context.fitted(expect.anchor).half_space().normal
        reach_mm = minima_mm(found.runs, found.of_run, number, normal)
        near, far = np.flatnonzero(found.positive), np.flatnonzero(~found.positive)
        one, other = near[reach_mm[near].argmin()], far[reach_mm[far].argmax()]
        if reach_mm[one] < reach_mm[other]:
            values = (("minimum_mm", reach_mm[one]), ("other_minimum_mm", reach_mm[other]))
            findings.append(_pair("side", one, other, values, found, names))
    if expect.order:
        middle_mm = medians_mm(found.runs, found.of_run, number, expect.direction)
        least_mm = minima_mm(found.runs, found.of_run, number, expect.direction)
        for side in (found.positive, ~found.positive):
            own = np.flatnonzero(side)
            # Of equal medians the one with the smaller minimum goes before.
            own = own[np.lexsort((least_mm[own], middle_mm[own]))]
            for one, other in itertools.pairwise(own):
                step_mm = least_mm[other] - least_mm[one]
                if step_mm < 0:
                    step = ("median_step_mm", middle_mm[other] - middle_mm[one])
                    values = (step, ("minimum_step_mm", step_mm))
                    findings.append(_pair("order", one, other, values, found, names))
    return Verdict(tuple(findings))


def _pair(
    kind: str,
    one: np.intp,
    other: np.intp,
    values: Values,
    found: _Largest,
    names: Sequence[int],
) -> Finding:
    """Return a finding about two components, at the centre of the second."""
    figures = tuple((key, round(float(value), 6) + 0.0) for key, value in values)
    at_mm = position(found.measures.centre_mm[other])
    return Finding(kind, (names[int(one)], names[int(other)]), at_mm=at_mm, values=figures)


def _largest(
    labels: Sequence[int], expected: int, anchor: int, connectivity: int, context: Context
) -> _Largest:
    """Return the largest pooled components of some labels and their sides.

    Raises
    ------
    Missing
        If the anchor cannot be used or there are fewer components than expected.
    """
    plane = context.fitted(anchor).half_space()
    pooled = context.components(labels, connectivity, joint=True)
    if len(pooled) < expected:
        raise Missing(f"{len(pooled)} components; {expected} are needed")
    of_run = np.where(pooled.of_run < expected, pooled.of_run, np.int32(-1))
    runs = pooled.labelmap
    measures = measure_groups(runs, of_run, expected)
    taken = of_run >= 0
    inside = np.bincount(
        of_run[taken], weights=inside_voxels(runs, plane)[taken], minlength=expected
    )
    return _Largest(runs, of_run, measures, 2 * inside >= measures.voxels)
