"""Of two labels each is nearer to what belongs to it than the other one is."""

from __future__ import annotations

import numpy as np

from oracle.geometry import Mask, nearest_mm
from oracle.judging import NOTHING, Part, Said, Wrong
from oracle.state import State, connected
from vesalius.engine.kinds import ToldApart


def judge(expect: ToldApart, state: State) -> Said:
    """Let each label near them say which of the two it is nearer to."""
    there = state.present(expect.labels)
    if len(there) < 2:
        return NOTHING if there else Said()
    for large in expect.larger:
        if np.sum(state.work == large) >= np.sum(np.isin(state.work, expect.labels)) / 2:
            return Said()
    pair = sorted(expect.labels)
    whole = {label: state.work == label for label in expect.labels}
    wrong = _speak(expect, whole, state)
    apart_mm = nearest_mm(whole[pair[0]], whole[pair[1]], state.affine)
    if wrong < max(expect.fewest, 1) or 0 < expect.gap_mm < apart_mm:
        return Said()
    values = (("witnesses", float(wrong)),)
    masks = [whole[label] for label in pair]
    agreed = all(
        _speak(expect, {**whole, label: body}, state) >= max(expect.fewest, 1)
        for label in pair
        for body in _bodies(label, expect.body_share, state)
    )
    return Said(
        tuple(
            Wrong("changed places", (label,), int(np.sum(mask)), values)
            for label, mask in zip(pair, masks, strict=True)
        ),
        tuple(Part(mask, label) for label, mask in zip(pair[::-1], masks, strict=True))
        if agreed
        else (),
    )


def _bodies(label: int, share: float, state: State) -> list[Mask]:
    """Give the pieces of a label that are not small beside its largest one."""
    pieces = [mask for _, mask in connected(state, [label], 26)]
    return [mask for mask in pieces if mask.sum() >= share * pieces[0].sum()]


def _speak(expect: ToldApart, masks: dict[int, Mask], state: State) -> int:
    """Count those that say that the two have changed places; 0 where they do not agree."""
    first, second = expect.labels
    wrong = 0
    for own, other, near in (
        (first, second, expect.near_first),
        (second, first, expect.near_second),
    ):
        said = [
            _nearer(label, own, other, masks, expect.reach_mm, state)
            for label in state.present(near)
        ]
        if own in said or (near and other not in said):
            return 0
        wrong += said.count(other)
    return wrong


def _nearer(
    label: int, own: int, other: int, masks: dict[int, Mask], reach_mm: float, state: State
) -> int | None:
    mask = state.work == label
    away = [nearest_mm(mask, masks[n], state.affine) for n in (own, other)]
    if min(away) > reach_mm or away[0] == away[1]:
        return None
    return own if away[0] < away[1] else other
