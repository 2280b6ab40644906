"""Gaps in a sequence of labels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.about import some_names
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import cut_at_ends, main_measures
from vesalius.engine.judging.verdict import Finding, Reason, Verdict, position
from vesalius.engine.plan.roles import Count, LabelsAmong, LabelsJudged, Share, Times
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.grid import plane_spacing_mm
from vesalius.engine.runs.measure import Measures
from vesalius.engine.runs.median import median
from vesalius.engine.runs.projection import settled

_FEWEST = 3
"""Steps that say what is usual: of two one may be the one that is wrong."""


@dataclass(frozen=True)
class Contiguous(Expect):
    """Between the first and the last present label of the list none is missing.

    With `skip_cut` nothing is said of a gap where the sequence may leave the scan: one face of it
    cuts both labels beside the gap, and the middle between their centres is at most `reach_steps`
    steps from that face, a step being how far the missing ones would be apart. Of each label the
    main pieces count. A label with less than `speck_share` of the median number of voxels is a
    speck: it counts as missing where others lie beyond it, and is no end of the sequence.

    Between two that follow each other there is room for another if their centres are more than
    `room_at_most` times as far apart as the median of the steps that are at most `around` places
    away in the list. Only steps between labels count, and are judged, that the ends of the scan do
    not cut, seen along the sequence; with fewer than three nothing is said.
    """

    labels: LabelsJudged
    optional: LabelsAmong = ()
    skip_cut: bool = False
    reach_steps: Times = 0.5
    speck_share: Share = 0.0
    room_at_most: Times | None = None
    around: Count = 4


def judge_contiguous(expect: Contiguous, context: Context) -> Verdict:
    """Find the gaps between the first and the last present label of a sequence.

    A gap is what lies between two present labels with nothing present between them, if more
    than `optional` labels are missing there. Its finding names the missing labels; the place is
    halfway between the centres of the two. Fewer than two present labels have no gap. Room for
    another is a finding about the two labels beside it.
    """
    found = main_measures(expect.labels, context)
    row = {label: at for at, label in enumerate(found.label.tolist())}
    least = expect.speck_share * median(found.voxels) if row else 0.0
    specks = [n for n in row if found.voxels[row[n]] < least]
    places = [at for at, n in enumerate(expect.labels) if n in row and n not in specks]
    findings: list[Finding] = []
    unsaid: list[Reason] = []
    followers: list[tuple[int, int, int]] = []
    if specks:
        unsaid.append(Reason(f"too small to be counted: {some_names(specks, context)}"))
    for one, other in itertools.pairwise(places):
        between = expect.labels[one + 1 : other]
        missing = tuple(label for label in between if label not in expect.optional)
        ends = row[expect.labels[one]], row[expect.labels[other]]
        if not missing:
            followers.append((one, *ends))
            continue
        if expect.skip_cut and _may_leave(found, *ends, len(missing), expect.reach_steps):
            beside = context.names(expect.labels[end] for end in (one, other))
            names = some_names(missing, context)
            unsaid.append(Reason(f"{names} may lie outside the scan, which cuts {beside}"))
            continue
        at_mm = position(np.asarray(found.centre_mm[list(ends)].mean(axis=0)))
        values = (("missing", float(len(missing))),)
        findings.append(Finding("gap", missing, at_mm=at_mm, values=values))
    findings += _room(found, followers, expect)
    return Verdict(tuple(findings), unsaid=tuple(unsaid))


def _room(
    found: Measures, followers: Sequence[tuple[int, int, int]], expect: Contiguous
) -> Iterator[Finding]:
    """Yield findings of followers, a place and two rows each, with room for another between."""
    if expect.room_at_most is None or not followers:
        return
    place, one, other = np.array(followers).T
    steps_mm = settled(np.linalg.norm(found.centre_mm[one] - found.centre_mm[other], axis=1))
    x, y, z = settled(found.centre_mm[other[-1]] - found.centre_mm[one[0]])
    ways = ((x, y, z), (-x, -y, -z)) if x or y or z else ()
    cut = cut_at_ends(found, ways)
    whole = ~(cut[one] | cut[other])
    for at, (_, *pair) in enumerate(followers):
        if not whole[at]:
            continue
        near = np.abs(place - place[at]) <= expect.around
        usual_mm = steps_mm[near & whole]
        if usual_mm.size < _FEWEST:
            continue
        most_mm = float(settled(expect.room_at_most * median(usual_mm)))
        step_mm = float(steps_mm[at])
        if step_mm > most_mm:
            labels = tuple(found.label[pair].tolist())
            at_mm = position(np.asarray(found.centre_mm[pair].mean(axis=0)))
            values = (("step_mm", step_mm), ("at_most_mm", most_mm))
            yield Finding("room", labels, at_mm=at_mm, values=values)


def _may_leave(found: Measures, one: int, other: int, missing: int, reach_steps: float) -> bool:
    """Tell whether what is missing between two labels may lie behind a face that cuts both."""
    both_cut = found.on_border[one] & found.on_border[other]
    middle = found.centre_ijk[[one, other]].mean(axis=0)
    layers = np.stack((middle + 0.5, np.array(found.grid.shape) - 0.5 - middle), axis=1)
    away_mm = settled(layers * plane_spacing_mm(found.grid)[:, np.newaxis])
    step_mm = np.linalg.norm(found.centre_mm[one] - found.centre_mm[other]) / (missing + 1)
    return bool((both_cut & (away_mm <= settled(reach_steps * step_mm))).any())
