"""Pooled components that carry more than one label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.about import some_names
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.part_contacts import part_contacts
from vesalius.engine.judging.targets import target_verdict
from vesalius.engine.judging.verdict import (
    Faults,
    Reason,
    Verdict,
    grouped_faults,
    take_runs,
)
from vesalius.engine.plan.roles import (
    Connectivity,
    LabelsJudged,
    Millilitres,
    Pairs,
    Role,
    Share,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.labelmap import LabelMap


@dataclass(frozen=True)
class Undivided(Expect):
    """A pooled component of the labels carries one label, if it is clear which.

    The home of a label is the pooled component with most of its voxels. A label at home
    elsewhere does not occur in the home of exactly one label that has at least as many voxels
    there, or only with less than `ignore_below_ml`. With `skip_cut` nothing is said of a component
    that the border of the scan cuts, nor of two labels of which it cuts one: most of it may lie
    outside, and so may its home.

    With `sure` only what is proven is at fault, or, where it is False, only what is not: what is
    broken may touch another. The label at home may then have fewer voxels there. A part is proven
    if it has at least `enclosed_share` of its voxel faces on the label at home; if the home lacks
    it: without the part it has, of the voxels of the home of its mirror, at most `less_share` of
    what the part's own home has of that of its own mirror; or if their mirrors are divided alike.
    A home of several labels, or one that the border cuts, tells nothing.
    """

    labels: LabelsJudged
    connectivity: Connectivity = 6
    ignore_below_ml: Millilitres = 0.0
    skip_cut: bool = False
    sure: bool | None = None
    mirrors: Annotated[Pairs, Role.AMONG] = ()
    enclosed_share: Share = 0.4
    less_share: Share = 0.9


def judge_undivided(expect: Undivided, context: Context) -> Verdict:
    """Find the labels that occur in a component which is the home of one other label.

    The home of a label is the pooled component with most of its voxels; of equal ones the first
    in the order of :class:`~vesalius.engine.runs.components.Components`. Where one is the home
    of several labels, or of none, it is not clear whose it is, and where a label has more voxels
    in it than the one at home, neither. All voxels of one label in one component are a part, at
    fault from `ignore_below_ml`; its target is the label at home.
    """
    pooled = context.components(expect.labels, expect.connectivity, joint=True)
    runs, of_run = pooled.labelmap, pooled.of_run
    if not len(runs):
        return Verdict()
    width = runs.largest + 1
    code, group = np.unique(of_run.astype(np.int64) * width + runs.label, return_inverse=True)
    voxels = np.bincount(group, weights=runs.lengths)
    component, label = np.divmod(code, width)
    order = np.lexsort((component, -voxels, label))
    first = order[np.flatnonzero(np.diff(label[order], prepend=-1))]
    residents = np.bincount(component[first], minlength=len(pooled))
    # By component: the group of the label at home there, where there is exactly one.
    home = np.zeros(len(pooled), dtype=np.int64)
    home[component[first]] = first
    host = home[component]
    at_home = np.isin(np.arange(code.size), first)
    guest = ~at_home & (residents[component] == 1)
    if expect.sure is None:
        guest &= voxels <= voxels[host]
    guest &= ~context.below_ml(voxels, expect.ignore_below_ml)
    unsaid: tuple[Reason, ...] = ()
    if expect.skip_cut:
        cut = pooled.measures.at_border
        cut_label = np.zeros(width, dtype=bool)
        cut_label[[n for n in distinct(label).tolist() if context.cut_by_border(n)]] = True
        unclear = guest & (cut[component] | cut_label[label] | cut_label[label[host]])
        unsaid = _unclear(distinct(label[unclear]).tolist(), context)
        guest &= ~unclear
    faults, aims = _parts(runs, group, guest, label[host])
    if expect.sure is not None and faults is not None:
        alone = (residents == 1) & ~pooled.measures.at_border
        there = component[first]
        sizes = np.where(alone[there], pooled.voxels[there], 0)
        homes = dict(zip(label[first].tolist(), sizes.tolist(), strict=True))
        guest[guest] = _proven(faults, aims, homes, expect, context) == expect.sure
        faults, aims = _parts(runs, group, guest, label[host])
    found = target_verdict(faults, "divided", "the rest of this piece is", context)
    return replace(found, unsaid=unsaid)


def _parts(
    runs: LabelMap, group: NDArray[np.intp], guest: NDArray[np.bool_], host: NDArray[np.int64]
) -> tuple[Faults | None, NDArray[np.int64]]:
    """Give the groups of runs that are guests as parts, and what each should be called."""
    number = np.cumsum(guest) - 1
    wrong = guest[group]
    aims = host[guest]
    part = number[group[wrong]]
    return grouped_faults(take_runs(runs, wrong), part, int(guest.sum()), aims), aims


def _proven(
    faults: Faults,
    aims: NDArray[np.int64],
    homes: Mapping[int, int],
    expect: Undivided,
    context: Context,
) -> NDArray[np.bool_]:
    """Tell of which parts it is proven that they have the wrong name.

    Of each label `homes` gives the voxels of the component where it is at home; 0 where that tells
    nothing.
    """
    touched = part_contacts(faults, context.known, 6)
    faces, on_host = np.zeros(len(faults)), np.zeros(len(faults))
    np.add.at(faces, touched.part, touched.faces)
    is_host = touched.label == aims[touched.part]
    np.add.at(on_host, touched.part[is_host], touched.faces[is_host])
    enclosed = on_host >= expect.enclosed_share * faces
    return enclosed | _lacking(faults, aims, homes, expect)


def _lacking(
    faults: Faults, aims: NDArray[np.int64], homes: Mapping[int, int], expect: Undivided
) -> NDArray[np.bool_]:
    """Tell which parts the label at home lacks, compared with its mirror."""
    mirror = {one: other for pair in expect.mirrors for one, other in (pair, pair[::-1])}
    pairs = list(zip(faults.label.tolist(), aims.tolist(), strict=True))
    lacking = np.zeros(len(faults), dtype=bool)
    for at, (label, aim) in enumerate(pairs):
        images = mirror.get(label, 0), mirror.get(aim, 0)
        of_own, of_host = (homes.get(image, 0) for image in images)
        if images in pairs:
            lacking[at] = True
        elif of_own and of_host and homes[aim] and homes[label]:
            less = (homes[aim] - int(faults.voxels[at])) * of_own
            lacking[at] = less <= expect.less_share * (homes[label] * of_host)
    return lacking


def _unclear(labels: list[int], context: Context) -> tuple[Reason, ...]:
    """Say of which labels it is not clear where they are at home."""
    if not labels:
        return ()
    names = tuple(context.name(label) for label in labels)
    return (Reason(f"cut by the border of the scan: {some_names(labels, context)}", cut=names),)
