"""Chains that run beside a backbone: what each body meets says whose numbers are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from oracle.geometry import Mask, centre_mm, nearest_mm, settled
from oracle.judging import NOTHING, Part, Said, Wrong
from oracle.state import State, connected, pooled
from oracle.usual_step import usual_step_mm
from vesalius.engine.kinds import Beside


class Body(NamedTuple):
    """A body that counts: its label, its voxels, what it meets, and how many places that is off."""

    label: int
    voxels: Mask
    met: int
    off: int


def judge(expect: Beside, state: State) -> Said:
    """Say which chain is off, or which labels of a chain have moved."""
    usual = [label for label in expect.backbone if label not in expect.optional]
    reach = settled(expect.reach * usual_step_mm(state, usual))
    bodies = [_bodies(expect, chain, usual, reach, state) for chain in expect.chains]
    if all(len(found) < max(expect.fewest, 1) for found in bodies):
        return NOTHING
    steps = [_step(found, expect) for found in bodies]
    if not any(steps):
        return _moved_within(expect, bodies, steps, state)
    becomes = _becomes(expect, usual, bodies, steps, reach, state)
    if becomes is None:
        return Said(tuple(
            Wrong("one is off", tuple(labels), 0, (("places", float(step)),))
            for chain, found, step in zip(expect.chains, bodies, steps, strict=True)
            if step
            for labels in (
                state.present(chain),
                [label for label in usual if label in {body.met for body in found}],
            )
        ))  # fmt: skip
    masks = []
    for label in sorted(becomes):
        mask = state.work == label
        for body in (body for found in bodies for body in found):
            if (body.label, body.off) == (label, 0) and label not in becomes.values():
                mask = mask & ~body.voxels
        if mask.any():
            masks.append((mask, label))
    return Said(
        tuple(Wrong("out of place", (label,), int(mask.sum())) for mask, label in masks),
        tuple(Part(mask, becomes[label]) for mask, label in masks),
    )


def _bodies(
    expect: Beside, chain: Sequence[int], usual: list[int], reach: float, state: State
) -> list[Body]:
    found = []
    for label in sorted(chain):
        parts = [mask for _, mask in connected(state, [label], expect.connectivity)]
        for mask in parts:
            if mask.sum() < expect.body_share * parts[0].sum():
                continue
            met = _meets(mask, expect, reach, state)
            if met not in usual:
                continue
            place = usual.index(met)
            beside = usual[max(place - 1, 0) : place + 2]
            if len(state.present(beside)) == len(beside):
                found.append(
                    Body(label, mask, met, place - expect.first - list(chain).index(label))
                )
    return found


def _meets(mask: Mask, expect: Beside, reach: float, state: State) -> int | None:
    """The one label of the backbone that some voxels come nearest to."""
    away = {n: nearest_mm(mask, state.work == n, state.affine) for n in expect.backbone
            if (state.work == n).any()}  # fmt: skip
    nearest = [label for label, mm in away.items() if mm == min(away.values())]
    return nearest[0] if len(nearest) == 1 and away[nearest[0]] <= reach else None


def _step(found: list[Body], expect: Beside) -> int | None:
    n = len(found)
    if n < max(expect.fewest, 1):
        return None
    offs = [body.off for body in found]
    if offs.count(0) > n / 2:
        return 0
    clear = {off for off in offs if offs.count(off) >= expect.share * n}
    return clear.pop() if len(clear) == 1 else None


def _becomes(
    expect: Beside,
    usual: list[int],
    bodies: list[list[Body]],
    steps: list[int | None],
    reach: float,
    state: State,
) -> dict[int, int] | None:
    """What the labels of the one that is wrong become; None where that is not proven."""
    kinds = {step for step in steps if step}
    if len(kinds) > 1 or state.present([*expect.optional, *expect.spare]):
        return None
    step = kinds.pop()
    ladders: dict[int, int] | None = {}
    for chain, own in zip(expect.chains, steps, strict=True):
        for at, label in enumerate(chain):
            if not own or not (state.work == label).any() or ladders is None:
                continue
            if 0 <= at + step < len(chain):
                ladders[label] = chain[at + step]
            else:
                ladders = None
    if 0 in steps:
        return ladders
    backbone = _backbone(expect, usual, bodies, step, state)
    feet = pooled(state, expect.foot, 6)
    met = _meets(feet[0], expect, reach, state) if feet else None
    if met in usual:
        before_last = usual.index(met) - (len(usual) - 1)
        # The foot lies below the last: as it is, or once the backbone is renumbered.
        ladders = ladders if before_last == 0 else None
        backbone = backbone if before_last == step else None
    found = [one for one in (ladders, backbone) if one is not None]
    return found[0] if len(found) == 1 else None


def _backbone(
    expect: Beside, usual: list[int], bodies: list[list[Body]], step: int, state: State
) -> dict[int, int] | None:
    there = [at for at, label in enumerate(usual) if (state.work == label).any()]
    centre = {at: centre_mm(state.work == usual[at], state.affine) for at in there}
    length = {
        at: settled(np.linalg.norm(centre[at] - centre[at - 1])) for at in there if at - 1 in centre
    }
    blocks: list[list[int]] = []
    for at in there:
        near = [mm for other, mm in length.items() if abs(other - at) <= expect.around]
        if at in length and length[at] <= settled(expect.step_at_most * float(np.median(near))):
            blocks[-1].append(at)
        else:
            blocks.append([at])
    tells = [usual.index(b.met) for found in bodies for b in found if b.off == step]
    moved = [
        at for block in blocks if sum(t in block for t in tells) >= expect.fewest for at in block
    ]
    free = [at for at in range(len(usual)) if at not in there or at in moved]
    if not moved or any(at - step not in free for at in moved):
        return None
    return {usual[at]: usual[at - step] for at in moved}


def _moved_within(
    expect: Beside, bodies: list[list[Body]], steps: list[int | None], state: State
) -> Said:
    """Labels of chains that took other places, and bodies that have another's label."""
    whole: list[dict[int, int]] = []
    single: list[tuple[Mask, int]] = []
    for chain, found in zip(expect.chains, bodies, strict=True):
        wishes = {}
        for at, label in enumerate(chain):
            own = [body for body in found if body.label == label]
            for body in own:
                to = at + body.off
                if 0 not in steps or body.off not in (-1, 1) or not 0 <= to < len(chain):
                    continue
                if len(own) == 1:
                    wishes[at] = to
                elif len(own) == 2 and 0 in [b.off for b in own] and not state.present([chain[to]]):
                    single.append((body.voxels, chain[to]))
        whole.append(_fitting(chain, wishes, expect.fewest, state))
    findings, parts = [], []
    every = sorted({label for chain in expect.chains for label in chain})
    for label, mask in connected(state, every, expect.connectivity):
        aim = label
        for chain, wishes in zip(expect.chains, whole, strict=True):
            at = list(chain).index(label) if label in chain else -1
            if at in wishes and sum(at in other for other in whole) == 1:
                aim = chain[wishes[at]]
        for body, target in single:
            if np.array_equal(body, mask):
                aim = target
        if aim != label:
            findings.append(Wrong("out of place", (label,), int(mask.sum())))
            parts.append(Part(mask, aim))
    return Said(tuple(findings), tuple(parts))


def _fitting(
    chain: Sequence[int], wishes: dict[int, int], fewest: int, state: State
) -> dict[int, int]:
    """Those that exchange places, and those of a row of enough that ends on a free label."""
    kept = {}
    for at, to in wishes.items():
        if wishes.get(to) == at:
            kept[at] = to
            continue
        step = to - at
        row = [at]
        while row[0] - step in wishes and wishes[row[0] - step] == row[0]:
            row.insert(0, row[0] - step)
        while row[-1] + step in wishes and wishes[row[-1]] == row[-1] + step:
            row.append(row[-1] + step)
        end = wishes[row[-1]]
        if end not in wishes and not (state.work == chain[end]).any() and len(row) >= fewest:
            kept[at] = to
    aims = list(kept.values())
    return {at: to for at, to in kept.items() if aims.count(to) == 1}
