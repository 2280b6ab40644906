"""A surrounding that must enclose."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.judging.about import label_verdict, none_of
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import contacts_of
from vesalius.engine.judging.verdict import Reason, Values, Verdict
from vesalius.engine.plan.roles import LabelsJudged, LabelsRead, Share
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class Enclosed(Expect):
    """At least `share` of the faces of each label touch `by` or the label itself."""

    labels: LabelsJudged
    by: LabelsRead
    share: Share


def judge_enclosed(expect: Enclosed, context: Context) -> Verdict:
    """Find the labels of whose outer faces too small a share touches the others.

    Faces between voxels of the label itself do not count, nor do those at the border of the
    scan; faces to background do. Nothing can be said about a label where none of `by` is
    present, or that has no such faces. Each label at fault is one part.
    """
    by = context.present(expect.by)
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[Reason] = []
    judged = 0
    for label in context.present(expect.labels):
        around = tuple(other for other in by if other != label)
        if not around:
            wanted = [other for other in expect.by if other != label]
            unsaid.append(none_of(wanted, context))
            continue
        faces = contacts_of(label, context)
        touching, total = sum(faces.get(other, 0) for other in around), sum(faces.values())
        if not total:
            unsaid.append(Reason(f"{context.name(label)} fills the scan"))
            continue
        judged += 1
        # A quotient of integers is rounded as the share itself was: 11 of 20 is 0.55.
        if touching / total < expect.share:
            values = (("share", touching / total), ("at_least", expect.share))
            wrong.append((label, "not enclosed", values))
    return label_verdict(wrong, judged, unsaid, context)
