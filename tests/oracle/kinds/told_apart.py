"""Of two labels each is nearer to what belongs to it than the other one is."""

from __future__ import annotations

import numpy as np

from oracle.geometry import nearest_mm
from oracle.judging import NOTHING, Part, Said, Wrong
from oracle.state import State
from vesalius.engine.kinds import ToldApart


def judge(expect: ToldApart, state: State) -> Said:
    """Let each label near them say which of the two it is nearer to."""
    first, second = expect.labels
    there = state.present(expect.labels)
    if len(there) < 2:
        return NOTHING if there else Said()
    for large in expect.larger:
        if np.sum(state.work == large) >= np.sum(np.isin(state.work, expect.labels)) / 2:
            return Said()
    wrong = 0
    for own, other, near in (
        (first, second, expect.near_first),
        (second, first, expect.near_second),
    ):
        said = [_nearer(label, own, other, expect.reach_mm, state) for label in state.present(near)]
        if own in said or (near and other not in said):
            return Said()
        wrong += said.count(other)
    if wrong < max(expect.fewest, 1):
        return Said()
    values = (("witnesses", float(wrong)),)
    pair = sorted(expect.labels)
    masks = [state.work == label for label in pair]
    return Said(
        tuple(
            Wrong("changed places", (label,), int(np.sum(mask)), values)
            for label, mask in zip(pair, masks, strict=True)
        ),
        tuple(Part(mask, label) for label, mask in zip(pair[::-1], masks, strict=True)),
    )


def _nearer(label: int, own: int, other: int, reach_mm: float, state: State) -> int | None:
    mask = state.work == label
    away = [nearest_mm(mask, state.work == n, state.affine) for n in (own, other)]
    if min(away) > reach_mm or away[0] == away[1]:
        return None
    return own if away[0] < away[1] else other
