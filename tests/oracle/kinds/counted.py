"""Pooled components numbered by their place in an order."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import (
    TIE_MM,
    Mask,
    centre_mm,
    heights_mm,
    image_mm,
    in_outer_layer,
    settled,
    unit,
)
from oracle.judging import NOTHING, Part, Said, Wrong
from oracle.state import State, mostly_positive, pooled, positive_voxels
from vesalius.engine.kinds import Counted


def judge(expect: Counted, state: State) -> Said:
    """Give the largest components the labels of their places."""
    labels = (*expect.positive, *expect.negative)
    positive = positive_voxels(state, expect.anchor)
    largest = pooled(state, labels, expect.connectivity)[: len(labels)]
    sides: tuple[list[Mask], list[Mask]] = ([], [])
    for mask in largest:
        sides[0 if mostly_positive(mask, positive) else 1].append(mask)
    if [len(side) for side in sides] != [len(expect.positive), len(expect.negative)]:
        return NOTHING
    aims = {}
    for side, sequence in zip(sides, (expect.positive, expect.negative), strict=True):
        # Stable, so that equally high ones stay from large to small.
        upwards = sorted(side, key=lambda mask: _height_mm(mask, expect, state))
        for label, mask in zip(sequence, upwards, strict=True):
            aims[id(mask)] = label
    if expect.clear_mm is not None and not _clear(expect, largest, aims, state):
        return NOTHING
    findings, parts = [], []
    for mask in largest:
        aim = aims[id(mask)]
        wrong = mask & (state.work != aim)
        if wrong.any():
            found = tuple(sorted(set(state.work[wrong].tolist())))
            findings.append(Wrong("out of place", found, int(wrong.sum())))
            parts.append(Part(wrong, aim))
    return Said(tuple(findings), tuple(parts))


def main_label(mask: Mask, state: State) -> int:
    """Return the label with most voxels of a component, the smaller of two equal ones."""
    return int(np.bincount(state.work[mask]).argmax())


def _clear(expect: Counted, largest: list[Mask], aims: dict[int, int], state: State) -> bool:
    """Tell whether every component is a whole label and those that change places are apart."""
    mains = {id(mask): main_label(mask, state) for mask in largest}
    if any(in_outer_layer(mask) for mask in largest):
        return False
    if len(set(mains.values())) < len(mains) and not _images(expect, mains, largest, aims, state):
        return False
    for label in set(mains.values()):
        whole = state.work == label
        inside = sum(int((m & whole).sum()) for m in largest if mains[id(m)] == label)
        if inside / whole.sum() < expect.whole_share:
            return False
    by_aim = {aims[id(mask)]: mask for mask in largest}
    everywhere = (*expect.positive, *expect.negative)
    for sequence in (expect.positive, expect.negative):
        for upper, lower in itertools.pairwise(sequence):
            one, other = by_aim[upper], by_aim[lower]
            before, after = (everywhere.index(mains[id(mask)]) for mask in (one, other))
            step = _height_mm(other, expect, state) - _height_mm(one, expect, state)
            if before > after and step < expect.clear_mm:
                return False
    return True


def _images(
    expect: Counted, mains: dict[int, int], largest: list[Mask], aims: dict[int, int], state: State
) -> bool:
    """Tell whether one side carries its numbers and the other is its mirror image."""
    by_aim = {aims[id(mask)]: mask for mask in largest}
    sides = [[by_aim[label] for label in s] for s in (expect.positive, expect.negative)]
    right = [all(mains[id(m)] == aims[id(m)] for m in side) for side in sides]
    if right[0] == right[1] or len(sides[0]) != len(sides[1]):
        return False
    plane = state.fit(expect.anchor)
    for one, other in zip(*sides, strict=True):
        image = image_mm(centre_mm(one, state.affine), plane.normal, plane.offset_mm - TIE_MM)
        away = settled(np.linalg.norm(image - centre_mm(other, state.affine)))
        apart = settled(abs(_height_mm(one, expect, state) - _height_mm(other, expect, state)))
        few, many = sorted((int(one.sum()), int(other.sum())))
        if (
            apart >= expect.clear_mm
            or away > expect.image_reach * expect.clear_mm
            or few < expect.like_share * many
        ):
            return False
    return True


def _height_mm(mask: Mask, expect: Counted, state: State) -> float:
    if expect.by == "median":
        return settled(np.median(heights_mm(mask, expect.direction, state.affine)))
    return settled(unit(expect.direction) @ centre_mm(mask, state.affine))
