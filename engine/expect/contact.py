"""What labels touch: a neighbour that must be near, a surrounding that must enclose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vesalius.engine.contacts import group_contacts
from vesalius.engine.context import Context
from vesalius.engine.crop import as_box, crop, grown
from vesalius.engine.distance import box_distance_mm, distance_mm, plane_spacing_mm, within_mm
from vesalius.engine.expect.about import cut_reasons, label_verdict, some_names
from vesalius.engine.steps import Enclosed, Touching
from vesalius.engine.verdict import Values, Verdict


def judge_touching(expect: Touching, context: Context) -> Verdict:
    """Find the labels that are further than `gap_mm` from all of the others.

    The distance is that of the nearest voxel centres, so labels that share a face are one
    voxel spacing apart. A label is not compared with itself. Nothing can be said about a label
    where none of the others is present, and about one that is too far from them if it is cut by
    the border of the scan, or if one of the others is cut by it so near that it may continue
    within `gap_mm`. Each label at fault is one part.
    """
    others = context.present(expect.others)
    cut = cut_reasons(expect.labels, context)
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[str] = []
    judged = 0
    for label in context.present(expect.labels):
        near = tuple(other for other in others if other != label)
        if not near:
            wanted = [other for other in expect.others if other != label]
            unsaid.append(f"absent: {some_names(wanted, context)}")
            continue
        if _reaches(label, near, expect.gap_mm, context):
            judged += 1
            continue
        doubt = cut.get(label) or _may_continue(label, near, expect.gap_mm, context)
        if doubt:
            unsaid.append(doubt)
            continue
        judged += 1
        away_mm = distance_mm(context.part((label,)), context.part(near))
        wrong.append((label, "too far away", (("mm", away_mm), ("at_most_mm", expect.gap_mm))))
    return label_verdict(wrong, judged, unsaid, context)


def _reaches(label: int, near: Sequence[int], gap_mm: float, context: Context) -> bool:
    """Tell whether a label comes near enough to one of the others."""

    def any_near() -> bool:
        part = context.part((label,))
        mine = context.measures((label,))
        box = as_box(mine.box_lo[0], mine.box_hi[0])
        found = context.measures(near)
        boxes = [as_box(lo, hi) for lo, hi in zip(found.box_lo, found.box_hi, strict=True)]
        away = [box_distance_mm(context.work.grid, box, other) for other in boxes]
        # The nearest box first, for it most likely holds the answer.
        return any(
            within_mm(part, context.part((int(found.label[at]),)), gap_mm)
            for at in np.argsort(away, kind="stable")
            if away[at] <= gap_mm + 1e-6
        )

    return context.cached("near", (label, *near), any_near, gap_mm)


def _may_continue(label: int, near: Sequence[int], gap_mm: float, context: Context) -> str:
    """Return the reason that one of the others may be near enough outside the scan."""
    found = context.measures((label,))
    shape = context.work.grid.shape
    spacing = plane_spacing_mm(context.work.grid)
    for other in near:
        cut = context.measures((other,)).on_border[0]
        for axis in range(3):
            # Planes from the label to the first one outside the scan, at both ends.
            ends = (found.box_lo[0, axis] + 1, shape[axis] - found.box_hi[0, axis] + 1)
            for planes, is_there in zip(ends, cut[axis], strict=True):
                if is_there and planes * spacing[axis] <= gap_mm + 1e-6:
                    return f"{context.name(other)} is cut by the border of the scan nearby"
    return ""


def judge_enclosed(expect: Enclosed, context: Context) -> Verdict:
    """Find the labels of whose outer faces too small a share touches the others.

    Faces between voxels of the label itself do not count, nor do those at the border of the
    scan; faces to background do. Nothing can be said about a label where none of `by` is
    present, or that has no such faces. Each label at fault is one part.
    """
    by = context.present(expect.by)
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[str] = []
    judged = 0
    for label in context.present(expect.labels):
        around = tuple(other for other in by if other != label)
        if not around:
            wanted = [other for other in expect.by if other != label]
            unsaid.append(f"absent: {some_names(wanted, context)}")
            continue
        touching, total = _faces(label, around, context)
        if not total:
            unsaid.append(f"{context.name(label)} fills the scan")
            continue
        judged += 1
        # A quotient of integers is rounded as the share itself was: 11 of 20 is 0.55.
        if touching / total < expect.share:
            values = (("share", touching / total), ("at_least", expect.share))
            wrong.append((label, "not enclosed", values))
    return label_verdict(wrong, judged, unsaid, context)


def _faces(label: int, by: Sequence[int], context: Context) -> tuple[int, int]:
    """Count the outer faces of a label that touch some others, and all of them."""
    found = context.measures((label,))
    box = as_box(found.box_lo[0], found.box_hi[0])
    near = crop(context.work, grown(box, (1, 1, 1), context.work.grid.shape))
    # The others are 1 and the label is 2, so that its contacts are those with b = 2.
    group = np.zeros(max(label, *by, near.largest) + 1, dtype=np.int64)
    group[list(by)] = 1
    group[label] = 2
    shared = group_contacts(near, group[near.label])
    own = shared.b == 2
    return int(shared.faces[own & (shared.a == 1)].sum()), int(shared.faces[own].sum())
