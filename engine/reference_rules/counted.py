"""Counting pooled components, by numpy over the voxels of each."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.halfspace import evaluate
from vesalius.engine.projection import Vector, along, settled
from vesalius.engine.reference_rules.measures import NOTHING, Mask, Part, Said, Wrong
from vesalius.engine.reference_rules.state import (
    Missing,
    State,
    centre_mm,
    pooled,
    positive_voxels,
)
from vesalius.engine.steps import Agrees, Counted, Undivided


def counted(expect: Counted, state: State) -> Said:
    """Give the largest components the labels of their places."""
    labels = (*expect.positive, *expect.negative)
    try:
        positive = positive_voxels(state, expect.anchor)
    except Missing:
        return NOTHING
    largest = pooled(state, labels, expect.connectivity)[: len(labels)]
    sides: list[list[Mask]] = [[], []]
    for mask in largest:
        sides[0 if 2 * (mask & positive).sum() >= mask.sum() else 1].append(mask)
    if [len(side) for side in sides] != [len(expect.positive), len(expect.negative)]:
        return NOTHING
    aims = {}
    for side, sequence in zip(sides, (expect.positive, expect.negative), strict=True):
        # Stable, so that equally high ones stay from large to small.
        for label, mask in zip(
            sequence, sorted(side, key=lambda m: _middle(m, expect, state)), strict=True
        ):
            aims[id(mask)] = label
    if expect.clear_mm is not None and not _clear(expect, largest, aims, state):
        return NOTHING
    findings, parts = [], []
    for mask in largest:
        aim = aims[id(mask)]
        wrong = mask & (state.work != aim)
        if wrong.any():
            found = tuple(sorted(set(state.work[wrong].tolist())))
            findings.append(Wrong("out of place", found, int(wrong.sum()), ()))
            parts.append(Part(wrong, aim))
    return Said(tuple(findings), tuple(parts))


def _clear(expect: Counted, largest: list[Mask], aims: dict[int, int], state: State) -> bool:
    """Tell whether every component is a whole label and those that change places are apart."""
    mains = {id(mask): int(np.bincount(state.work[mask]).argmax()) for mask in largest}
    edges = [mask.take(end, axis) for mask in largest for axis in range(3) for end in (0, -1)]
    if any(bool(edge.any()) for edge in edges):
        return False
    if len(set(mains.values())) < len(mains) and not _images(expect, mains, largest, aims, state):
        return False
    for label in set(mains.values()):
        whole = state.work == label
        inside = sum(int((m & whole).sum()) for m in largest if mains[id(m)] == label)
        if inside / whole.sum() < 0.9:
            return False
    by_aim = {aims[id(mask)]: mask for mask in largest}
    for sequence in (expect.positive, expect.negative):
        everywhere = (*expect.positive, *expect.negative)
        for upper, lower in itertools.pairwise(sequence):
            one, other = by_aim[upper], by_aim[lower]
            before, after = (everywhere.index(mains[id(mask)]) for mask in (one, other))
            step = settled(_middle(other, expect, state)) - settled(_middle(one, expect, state))
            if before > after and expect.clear_mm is not None and step < expect.clear_mm:
                return False
    return True


def _images(
    expect: Counted, mains: dict[int, int], largest: list[Mask], aims: dict[int, int], state: State
) -> bool:
    """Tell whether one side carries its numbers and the other is its mirror image."""
    by_aim = {aims[id(mask)]: mask for mask in largest}
    sides = [[by_aim[label] for label in s] for s in (expect.positive, expect.negative)]
    right = [all(mains[id(m)] == aims[id(m)] for m in side) for side in sides]
    if right not in ([True, False], [False, True]) or len(sides[0]) != len(sides[1]):
        return False
    plane = state.fit(expect.anchor).half_space()
    normal = np.array(plane.normal)
    limit = expect.clear_mm or 0.0
    for one, other in zip(*sides, strict=True):
        centre = centre_mm(one, state.affine)
        image = centre - 2 * (centre @ normal - plane.offset_mm) / (normal @ normal) * normal
        away = settled(np.linalg.norm(image - centre_mm(other, state.affine)))
        apart = abs(_middle(one, expect, state) - _middle(other, expect, state))
        few, many = sorted((int(one.sum()), int(other.sum())))
        if settled(apart) >= limit or away > 2 * limit or few < 0.6 * many:
            return False
    return True


def _middle(mask: Mask, expect: Counted, state: State) -> float:
    if expect.by == "median":
        return float(settled(np.median(_heights(mask, expect.direction, state))))
    voxels = np.argwhere(mask)
    centre = voxels.sum(axis=0) / len(voxels)
    return float(settled(evaluate(along(state.grid, expect.direction), *centre)))


def _heights(mask: Mask, direction: Vector, state: State) -> NDArray[np.float64]:
    return evaluate(along(state.grid, direction), *np.argwhere(mask).T)


def agrees(expect: Agrees, state: State) -> Said:
    """Measure the sides and the order twice."""
    try:
        positive = positive_voxels(state, expect.anchor)
    except Missing:
        return NOTHING
    largest = pooled(state, expect.labels, expect.connectivity)[: expect.expected]
    if len(largest) < expect.expected:
        return NOTHING
    sides: list[list[Mask]] = [[], []]
    for mask in largest:
        sides[0 if 2 * (mask & positive).sum() >= mask.sum() else 1].append(mask)

    def main(mask: Mask) -> int:
        return int(np.bincount(state.work[mask]).argmax())

    def least(mask: Mask, direction: Vector) -> float:
        return float(settled(_heights(mask, direction, state).min()))

    def median(mask: Mask) -> float:
        return float(settled(np.median(_heights(mask, expect.direction, state))))

    findings = []
    if expect.sides and sides[0] and sides[1]:
        normal = state.fit(expect.anchor).half_space().normal
        one = min(sides[0], key=lambda mask: least(mask, normal))
        other = max(sides[1], key=lambda mask: least(mask, normal))
        low, high = least(one, normal), least(other, normal)
        if low < high:
            values = (("minimum_mm", low), ("other_minimum_mm", high))
            findings.append(Wrong("side", (main(one), main(other)), 0, values))
    for side in sides if expect.order else ():
        chain = sorted(side, key=lambda mask: (median(mask), least(mask, expect.direction)))
        for at in range(1, len(chain)):
            one, other = chain[at - 1], chain[at]
            step = least(other, expect.direction) - least(one, expect.direction)
            if step < 0:
                rise = median(other) - median(one)
                values = (("median_step_mm", rise), ("minimum_step_mm", step))
                rounded = tuple((key, round(value, 6) + 0.0) for key, value in values)
                findings.append(Wrong("order", (main(one), main(other)), 0, rounded))
    return Said(tuple(findings))


def undivided(expect: Undivided, state: State) -> Said:
    """Give what is at home elsewhere to the one label at home."""
    pieces = pooled(state, expect.labels, expect.connectivity)
    shares = [np.bincount(state.work[piece], minlength=max(expect.labels) + 1) for piece in pieces]
    homes: dict[int, list[int]] = {}
    for label in sorted(set(expect.labels)):
        voxels = [int(share[label]) for share in shares]
        if any(voxels):
            homes.setdefault(voxels.index(max(voxels)), []).append(label)
    findings, parts = [], []
    for at, (piece, share) in enumerate(zip(pieces, shares, strict=True)):
        if len(homes.get(at, ())) != 1:
            continue
        (host,) = homes[at]
        for label in np.flatnonzero(share).tolist():
            small = state.below_ml(int(share[label]), expect.ignore_below_ml)
            cut = expect.skip_cut and any(
                bool(mask.take(end, axis).any())
                for mask in (piece, state.work == label, state.work == host)
                for axis in range(3)
                for end in (0, -1)
            )
            if label != host and share[label] <= share[host] and not small and not cut:
                mask = piece & (state.work == label)
                findings.append(Wrong("divided", (label,), int(mask.sum()), ()))
                parts.append(Part(mask, host))
    return Said(tuple(findings), tuple(parts))
