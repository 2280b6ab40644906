"""The side and the order of components do not depend on how they are measured."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import Mask, heights_mm, settled
from oracle.judging import NOTHING, Said, Wrong
from oracle.kinds.counted import main_label
from oracle.state import State, mostly_positive, pooled, positive_voxels
from vesalius.engine.kinds import Agrees


def judge(expect: Agrees, state: State) -> Said:
    """Measure the sides and the order twice."""
    positive = positive_voxels(state, expect.anchor)
    largest = pooled(state, expect.labels, expect.connectivity)[: expect.expected]
    if len(largest) < expect.expected:
        return NOTHING
    sides: tuple[list[Mask], list[Mask]] = ([], [])
    for mask in largest:
        sides[0 if mostly_positive(mask, positive) else 1].append(mask)
    findings = []
    if expect.sides and sides[0] and sides[1]:
        normal = state.fit(expect.anchor).normal
        one = min(sides[0], key=lambda mask: _least(mask, normal, state))
        other = max(sides[1], key=lambda mask: _least(mask, normal, state))
        low, high = _least(one, normal, state), _least(other, normal, state)
        if low < high:
            figures = {"minimum_mm": low, "other_minimum_mm": high}
            findings.append(_pair("side", one, other, figures, state))
    for side in sides if expect.order else ():
        places = [(_median(mask, expect, state), _least(mask, expect.direction, state), mask)
                  for mask in side]  # fmt: skip
        places.sort(key=lambda place: place[:2])
        for (median, least, one), (next_median, next_least, other) in itertools.pairwise(places):
            if next_least < least:
                figures = {
                    "median_step_mm": next_median - median,
                    "minimum_step_mm": next_least - least,
                }
                findings.append(_pair("order", one, other, figures, state))
    return Said(tuple(findings))


def _pair(kind: str, one: Mask, other: Mask, figures: dict[str, float], state: State) -> Wrong:
    labels = (main_label(one, state), main_label(other, state))
    values = tuple((key, round(value, 6) + 0.0) for key, value in figures.items())
    return Wrong(kind, labels, 0, values)


def _least(mask: Mask, direction: tuple[float, ...], state: State) -> float:
    return settled(heights_mm(mask, direction, state.affine).min())


def _median(mask: Mask, expect: Agrees, state: State) -> float:
    return settled(np.median(heights_mm(mask, expect.direction, state.affine)))
