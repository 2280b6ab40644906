"""The labels of each pair lie on their own sides of a plane."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from oracle.geometry import (
    TIE_MM,
    Mask,
    centre_mm,
    image_mm,
    nearest_mm,
    position_mm,
    settled,
)
from oracle.judging import Said, by_component
from oracle.kinds.absent import near_others
from oracle.state import (
    State,
    connected,
    lies_whole,
    mostly_positive,
    positive_voxels,
    side_of,
)
from vesalius.engine.kinds import OnOwnSide


def judge(expect: OnOwnSide, state: State) -> Said:
    """What lies across is at fault; with `leave_unsure` only what is beyond doubt."""
    positive = positive_voxels(state, expect.anchor)
    wrong = np.zeros(state.work.shape, dtype=bool)
    if expect.leave_unsure and expect.per == "component":
        for part in _surely_across(expect, positive, state):
            wrong |= part
        return by_component(state, wrong, "on the other side", "component")
    for first, second in expect.pairs:
        for label, part in connected(state, (first, second), 6):
            counts = positive
            if expect.per == "component":
                counts = side_of(part, positive, expect.whole_share)
            wrong |= part & (counts != (label == first))
    return by_component(state, wrong, "on the other side", expect.per)


class Body(NamedTuple):
    """A component, whether it lies whole on a side, and whether most of it on its own."""

    label: int
    voxels: Mask
    whole: bool
    own: bool

    @property
    def across(self) -> bool:
        """Whether it lies whole on the other side."""
        return self.whole and not self.own

    @property
    def at_home(self) -> bool:
        """Whether it lies whole on its own side."""
        return self.whole and self.own


def _surely_across(expect: OnOwnSide, positive: Mask, state: State) -> list[Mask]:
    """Return the components that lie whole on the other side while their pair is clear."""
    bodies: dict[int, list[Body]] = {}
    for first, second in expect.pairs:
        for label in (first, second):
            bodies[label] = [
                Body(
                    label,
                    part,
                    lies_whole(part, positive, expect.whole_share),
                    mostly_positive(part, positive) == (label == first),
                )
                for _, part in connected(state, (label,), 6)
            ]
    # The largest component of each label speaks for it.
    mains = {pair: [bodies[n][0] for n in pair if bodies[n]] for pair in expect.pairs}
    swapped = [p for p, m in mains.items() if len(m) == 2 and all(b.across for b in m)]
    straight = [
        p for p, m in mains.items() if any(b.at_home for b in m) and not any(b.across for b in m)
    ]
    both_right = [p for p, m in mains.items() if len(m) == 2 and all(b.at_home for b in m)]
    found: list[Mask] = []
    for pair in expect.pairs:
        if pair in swapped:
            if len(swapped) < len(straight):
                found += [b.voxels for n in pair for b in bodies[n] if b.across]
        elif set(pair) & set(expect.whole_only):
            continue
        elif len(mains[pair]) == 2:
            for label, other in (pair, pair[::-1]):
                if bodies[label][0].at_home:
                    found += _near(bodies[label], bodies[other][0].voxels, expect, state)
        elif mains[pair] and expect.images_mm is not None and len(both_right) > len(swapped):
            (label,) = (n for n in pair if bodies[n])
            found += _image(bodies[label], positive, label == pair[0], expect, state)
    return found


def _near(bodies: list[Body], mirror: Mask, expect: OnOwnSide, state: State) -> list[Mask]:
    """Return the components across that come near the largest one of the other label."""
    across = [
        body.voxels
        for body in bodies
        if body.across
        and (
            expect.near_to is None or near_others(state, body.voxels, expect.near_to, [body.label])
        )
    ]
    limit = expect.near_mirror_mm
    return [p for p in across if limit is None or nearest_mm(p, mirror, state.affine) <= limit]


def _image(
    bodies: list[Body], positive: Mask, wants_positive: bool, expect: OnOwnSide, state: State
) -> list[Mask]:
    """Return what has the name of its mirror image: some components, or half of the largest."""
    if not bodies[0].whole:
        voxels = bodies[0].voxels
        here, there = voxels & (positive == wants_positive), voxels & (positive != wants_positive)
        if not _are_images(here, there, expect, state):
            return []
        there = voxels & (_at_waist(voxels, positive, expect, state) != wants_positive)
        return [there, *_near(bodies, voxels, expect, state)]
    ours = [body for body in bodies if body.own][:1]
    theirs = [body for body in bodies if not body.own][:1]
    if not ours or not theirs or not ours[0].whole or not theirs[0].whole:
        return []
    if not _are_images(ours[0].voxels, theirs[0].voxels, expect, state):
        return []
    return [theirs[0].voxels, *_near(bodies, theirs[0].voxels, expect, state)]


def _at_waist(body: Mask, positive: Mask, expect: OnOwnSide, state: State) -> Mask:
    """Move the plane to the layer of a body that has the fewest voxels."""
    plane = state.fit(expect.anchor)
    normal = np.asarray(plane.normal)
    thick = settled(max(abs(float(normal @ state.affine[:3, axis])) for axis in range(3)))
    heights = {
        voxel: float(normal @ position_mm(state.affine, voxel) - (plane.offset_mm - TIE_MM))
        for voxel in np.ndindex(body.shape)
    }
    layers = [
        math.floor(settled(height) / thick + 0.001)
        for voxel, height in heights.items()
        if body[voxel]
    ]
    # A layer is as far away as the side of it that is turned to the plane.
    edges = {n: n if n >= 0 else n + 1 for n in range(-99, 99)}
    near = [n for n, edge in edges.items() if (abs(edge) - 0.001) * thick <= expect.waist_mm]
    best = edges[min(near, key=lambda n: (layers.count(n), abs(edges[n]), n))]
    if not best:
        return positive
    moved = np.zeros(body.shape, dtype=bool)
    for voxel, height in heights.items():
        moved[voxel] = height >= best * thick - TIE_MM
    return moved


def _are_images(ours: Mask, theirs: Mask, expect: OnOwnSide, state: State) -> bool:
    few, many = sorted((int(ours.sum()), int(theirs.sum())))
    if few == 0 or few < expect.like_share * many:
        return False
    plane = state.fit(expect.anchor)
    centre = centre_mm(theirs, state.affine)
    image = image_mm(centre, plane.normal, plane.offset_mm - TIE_MM)
    away_mm = settled(np.linalg.norm(image - centre_mm(ours, state.affine)))
    return bool(away_mm <= expect.images_mm)
