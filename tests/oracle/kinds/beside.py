"""Chains that run beside a backbone: what each body meets says whose numbers are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from oracle.geometry import Mask, centre_mm, nearest_mm, reaches_end, settled
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
        return _moved_within(expect, usual, bodies, steps, state)
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
    becomes, stays = becomes
    masks = []
    for label in sorted(becomes):
        mask = (state.work == label) & ~stays
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
) -> tuple[dict[int, int], Mask] | None:
    """What the labels of the one that is wrong become, and what stays; None if not proven."""
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
    none = np.zeros(state.work.shape, dtype=bool)
    if 0 in steps:
        return None if ladders is None else (ladders, none)
    backbone = _backbone(expect, usual, bodies, step, state)
    feet = pooled(state, expect.foot, 6)
    met = _meets(feet[0], expect, reach, state) if feet else None
    if met in usual:
        before_last = usual.index(met) - (len(usual) - 1)
        # The foot lies below the last: as it is, or once the backbone is renumbered.
        ladders = ladders if before_last == 0 else None
        backbone = backbone if before_last == step else None
    found = [one for one in (ladders and (ladders, none), backbone) if one is not None]
    return found[0] if len(found) == 1 else None


def _backbone(
    expect: Beside, usual: list[int], bodies: list[list[Body]], step: int, state: State
) -> tuple[dict[int, int], Mask] | None:
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
    fine = [usual.index(b.met) for found in bodies for b in found if b.off == 0]
    sure = [at for at in set(fine) if fine.count(at) > tells.count(at)]
    right = sure + [
        at
        for at in set(fine)
        if fine.count(at) == tells.count(at)
        and len(_large(expect, usual[at], state)) == 1
        and (at - 1 in sure or at + 1 in sure)
    ]
    moved: list[int] = []
    taken: list[int] = []
    stays = np.zeros(state.work.shape, dtype=bool)
    for hanging in blocks:
        block = hanging
        if sum(t in block for t in tells) < expect.fewest:
            continue
        told = sorted(t for t in tells if t in block and t not in right)
        if not told:
            continue
        over = [at for at in right if at < told[0]]
        under = [at for at in right if at > told[-1]]
        block = [at for at in block if at > max(over, default=-1)]
        block = [at for at in block if at < min(under, default=len(usual))]
        top, bottom = block[0], block[-1]
        for at in range(told[0], block[0] - 1, -1):
            away, twice = _further(expect, usual, at, at + 1, block, state)
            if twice or at == block[0]:
                stays |= away
            if twice:
                top = at
                taken.append(at)
                break
        for at in range(told[-1], block[-1] + 1):
            away, twice = _further(expect, usual, at, at - 1, block, state)
            if twice or at == block[-1]:
                stays |= away
            if twice:
                bottom = at
                taken.append(at)
                break
        # What the scan ends in may be more than one, where names move away from there.
        last, before = (block[0], block[:2][-1]) if step < 0 else (block[-1], block[-2:][0])
        outwards = [settled(mm) for mm in centre[last] - centre[before]]
        mask = state.work == usual[last]
        cut = any(outwards) and reaches_end(mask, outwards, state.affine)
        moved += [at for at in range(top, bottom + 1) if at != last or not cut]
    free = [at for at in range(len(usual)) if (at not in there or at in moved) and at not in taken]
    if not moved or any(at - step not in free for at in moved):
        return None
    return {usual[at]: usual[at - step] for at in moved}, stays


def _large(expect: Beside, label: int, state: State) -> list[Mask]:
    pieces = [mask for _, mask in connected(state, [label], expect.connectivity)]
    return [mask for mask in pieces if mask.sum() >= expect.body_share * pieces[0].sum()]


def _further(
    expect: Beside,
    usual: list[int],
    at: int,
    inner: int,
    block: list[int],
    state: State,
) -> tuple[Mask, bool]:
    """What of a label lies further out than the body next to the one inside it, and if a body."""
    none = np.zeros(state.work.shape, dtype=bool)
    pieces = [mask for _, mask in connected(state, [usual[at]], expect.connectivity)]
    if inner not in block or len(pieces) < 2:
        return none, False
    whole = [bool(mask.sum() >= expect.body_share * pieces[0].sum()) for mask in pieces]
    begin = centre_mm(state.work == usual[inner], state.affine)
    places = [centre_mm(mask, state.affine) for mask in pieces]
    gaps = [settled(float(np.linalg.norm(place - begin))) for place in places]
    nearest = min(gap for gap, body in zip(gaps, whole, strict=True) if body)
    first = [gap == nearest and body for gap, body in zip(gaps, whole, strict=True)].index(True)
    way = places[first] - begin
    if not way.any():
        return none, False
    way = way / np.linalg.norm(way)
    limit = settled(expect.apart * usual_step_mm(state, usual))
    beyond = [settled(float((place - places[first]) @ way)) >= limit for place in places]
    out = none.copy()
    for mask, is_out in zip(pieces, beyond, strict=True):
        out |= mask & is_out
    return out, any(body and is_out for body, is_out in zip(whole, beyond, strict=True))


def _moved_within(
    expect: Beside,
    usual: list[int],
    bodies: list[list[Body]],
    steps: list[int | None],
    state: State,
) -> Said:
    """Labels of chains that took other places, and bodies that have another's label."""
    whole: list[dict[int, int]] = []
    pushed: dict[int, int] = {}
    single: list[tuple[Mask, int]] = []
    for chain, found in zip(expect.chains, bodies, strict=True):
        wishes, extra = {}, []
        for at, label in enumerate(chain):
            own = [body for body in found if body.label == label]
            for body in own:
                to = at + body.off
                if 0 not in steps or body.off not in (-1, 1) or not 0 <= to < len(chain):
                    continue
                if len(own) == 1:
                    wishes[at] = to
                elif len(own) == 2 and 0 in [b.off for b in own]:
                    extra.append((body, to))
        fitting = _fitting(chain, wishes, expect.fewest, state)
        rows = [(body, _row(chain, found, to, body.off)) for body, to in extra]
        for body, row in rows:
            alone = [other[-1] for _, other in rows].count(row[-1]) == 1
            rivals = [at for at, to in fitting.items() if to == row[-1] and at not in row]
            if alone and not rivals and not state.present([chain[row[-1]]]):
                single.append((body.voxels, chain[row[0]]))
                pushed |= {chain[at]: chain[at + body.off] for at in row[:-1]}
        whole.append({at: to for at, to in fitting.items() if chain[at] not in pushed})
    findings, parts = [], []
    every = sorted({label for chain in expect.chains for label in chain})
    for label, mask in connected(state, every, expect.connectivity):
        aim = label
        for chain, wishes in zip(expect.chains, whole, strict=True):
            at = list(chain).index(label) if label in chain else -1
            if at in wishes and sum(at in other for other in whole) == 1:
                aim = chain[wishes[at]]
        aim = pushed.get(label, aim)
        for body, target in single:
            if np.array_equal(body, mask):
                aim = target
        if aim != label:
            findings.append(Wrong("out of place", (label,), int(mask.sum())))
            parts.append(Part(mask, aim))
    if not parts:
        findings = _off_alike(expect, usual, bodies, state)
    return Said(tuple(findings), tuple(parts))


def _off_alike(
    expect: Beside, usual: list[int], bodies: list[list[Body]], state: State
) -> list[Wrong]:
    """Rows that run onto a free label at the same places of two chains."""
    rows: list[dict[int, int]] = []
    for chain, found in zip(expect.chains, bodies, strict=True):
        wishes = {}
        for at, label in enumerate(chain):
            own = [body for body in found if body.label == label]
            if len(own) == 1 and abs(own[0].off) == 1 and 0 <= at + own[0].off < len(chain):
                wishes[at] = at + own[0].off
        fitting = _fitting(chain, wishes, max(expect.alike, 1), state)
        rows.append({at: to for at, to in fitting.items() if fitting.get(to) != at})
    said = []
    for chain, row, found in zip(expect.chains, rows, bodies, strict=True):
        both = [at for at in row if sum(at in other for other in rows) > 1]
        for step in (-1, 1):
            places = sorted(at for at in both if row[at] - at == step)
            own = [chain[at] for at in places]
            met = {body.met for body in found if body.label in own}
            if own:
                values = (("places", float(step)),)
                said.append(Wrong("one is off", tuple(own), 0, values))
                beside = tuple(label for label in usual if label in met)
                said.append(Wrong("one is off", beside, 0, values))
    return said


def _row(chain: Sequence[int], found: list[Body], at: int, way: int) -> list[int]:
    """Places from one on, each of a label that is seen only where the next ones belong."""
    row = [at]
    while True:
        seen = [body.off for body in found if body.label == chain[row[-1]]]
        if not seen or min(off * way for off in seen) <= 0 or not 0 <= row[-1] + way < len(chain):
            return row
        row.append(row[-1] + way)


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
