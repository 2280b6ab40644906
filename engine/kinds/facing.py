"""Which way round a map lies: a vote of many places along a direction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import main_measures
from vesalius.engine.judging.verdict import Finding, Missing, Verdict
from vesalius.engine.plan.roles import (
    Count,
    Direction,
    LabelsAmong,
    LabelsJudged,
    Millimetres,
    PlaneNumber,
    Share,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.grid import lateral_axes
from vesalius.engine.runs.halfspace import evaluate
from vesalius.engine.runs.projection import along, settled, settled_one

_AXES = "xyz"


@dataclass(frozen=True)
class Follows:
    """The centre of some labels lies further along the direction than that of others.

    It is that of the main pieces of each, by voxels.
    """

    before: LabelsJudged
    after: LabelsJudged


@dataclass(frozen=True)
class FacingPart:
    """Some labels that may be turned by themselves, and those of them without a mirror.

    Where all others are exchanged with their mirrors, only these tell whether the part is turned
    or its names are exchanged.
    """

    labels: LabelsAmong
    lone: LabelsAmong


@dataclass(frozen=True)
class Facing(Expect):
    """A map lies the right way round: not nearly all that can be compared is reversed.

    Two kinds of places are compared: groups of labels that follow each other along the direction,
    and labels that lie on one side of a plane. Of single ones a patient may differ; where `share`
    of them do, and at least `at_least` can be compared, the map is turned, not the patient.
    What differs by less than `clear_mm` says nothing. With `skip_cut` what the border of the scan
    cuts along the direction is left out. Each of `parts` is judged by its own places too, with no
    exception allowed, where one of its lone labels is in a place.
    """

    direction: Direction
    follows: tuple[Follows, ...]
    clear_mm: Millimetres
    at_least: Count
    share: Share
    skip_cut: bool = True
    anchor: PlaneNumber | None = None
    positive: LabelsJudged = ()
    negative: LabelsJudged = ()
    parts: tuple[FacingPart, ...] = ()


@dataclass(frozen=True)
class _Place:
    """What was compared, and whether it is the other way round."""

    labels: tuple[int, ...]
    wrong: bool


def judge_facing(expect: Facing, context: Context) -> Verdict:
    """Find out whether a map, or one of its parts, lies the wrong way round along a direction.

    Groups are compared by the common centre of what is present of them, to 1e-6 mm. One finding
    for the whole map, else one for each part. Its labels are those of the places that are
    reversed; what it doubts is all of the map, or of the part.

    Raises
    ------
    Missing
        If too few places can be compared.
    """
    places = [*_followed(expect, context), *_sided(expect, context)]
    kind = f"turned along {_AXES[int(np.abs(expect.direction).argmax())]}"
    whole = _vote(places, kind, expect.at_least, expect.share)
    if whole is not None:
        return Verdict((whole,), doubted=tuple(context.work.labels().tolist()))
    findings, doubted = [], set[int]()
    for part in expect.parts:
        own = [place for place in places if set(place.labels) <= set(part.labels)]
        if not any(label in part.lone for place in own for label in place.labels):
            continue
        found = _vote(own, kind, expect.at_least, 1.0)
        if found is not None:
            findings.append(found)
            doubted.update(context.present(part.labels))
    if not findings and len(places) < expect.at_least:
        raise Missing(f"fewer than {expect.at_least} places can be compared")
    return Verdict(tuple(findings), doubted=tuple(sorted(doubted)))


def _vote(places: Sequence[_Place], kind: str, at_least: int, share: float) -> Finding | None:
    wrong = [place for place in places if place.wrong]
    if len(places) < max(at_least, 1) or len(wrong) < share * len(places):
        return None
    labels = tuple(sorted({label for place in wrong for label in place.labels}))
    values = (("wrong", float(len(wrong))), ("compared", float(len(places))))
    return Finding(kind, labels, values=values)


def _followed(expect: Facing, context: Context) -> Iterator[_Place]:
    every = {label for pair in expect.follows for label in (*pair.before, *pair.after)}
    found = main_measures(tuple(sorted(every)), context)
    row = {label: at for at, label in enumerate(found.label.tolist())}
    heights_mm = along(found.grid, expect.direction)
    ends = lateral_axes(found.grid, expect.direction)
    at_end = np.asarray(found.on_border[:, ends].any(axis=(1, 2)))
    cut = {label for label, at in row.items() if expect.skip_cut and at_end[at]}

    def centre_mm(labels: Collection[int]) -> float | None:
        rows = [row[label] for label in labels if label in row]
        if not rows or any(label in cut for label in labels):
            return None
        centre_ijk = found.index_sum[rows].sum(axis=0) / found.voxels[rows].sum()
        return float(evaluate(heights_mm, *centre_ijk))

    for pair in expect.follows:
        if expect.anchor is not None and {*pair.before, *pair.after} <= context.divided:
            continue  # sides that a plane gave
        before_mm, after_mm = centre_mm(pair.before), centre_mm(pair.after)
        if before_mm is None or after_mm is None:
            continue
        step_mm = settled_one(after_mm - before_mm)
        if abs(step_mm) >= expect.clear_mm:
            present = (label for label in (*pair.before, *pair.after) if label in row)
            yield _Place(tuple(present), step_mm < 0)


def _sided(expect: Facing, context: Context) -> Iterator[_Place]:
    """Compare labels with the plane; none where it cannot be fitted.

    The plane is that of the whole case: a source of a few labels has none of its own.
    """
    sided = tuple({*expect.positive, *expect.negative} - context.divided)
    if expect.anchor is None or not context.present(sided):
        return
    fit = (context.around or context).fit(expect.anchor)
    if not fit.fitted or fit.normal is None or fit.offset_mm is None:
        return
    found = main_measures(sided, context)
    away_mm = evaluate(along(found.grid, fit.normal), *found.centre_ijk.T)
    apart_mm = settled(np.asarray(away_mm) - fit.offset_mm)
    for label, mm in zip(found.label.tolist(), apart_mm.tolist(), strict=True):
        if abs(mm) >= expect.clear_mm:
            yield _Place((label,), (mm < 0) == (label in expect.positive))
