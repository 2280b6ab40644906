"""The bodies of a chain carry their names in the order of the list."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import Mask, centre_mm, reaches_end, settled, unit
from oracle.judging import NOTHING, Part, Said, Wrong
from oracle.state import State, connected
from vesalius.engine.kinds import Numbered


def judge(expect: Numbered, state: State) -> Said:
    """Give the bodies of a chain the labels of their places, where the case is proven."""
    seen = set(np.unique(state.work).tolist())
    listed = [n for n in expect.labels if n in seen or n not in expect.optional]
    parts = connected(state, listed, expect.connectivity)
    size = {label: max(int(m.sum()) for n, m in parts if n == label) for label, _ in parts}
    bodies = [(n, mask) for n, mask in parts if int(mask.sum()) >= expect.body_share * size[n]]
    bodies.sort(key=lambda body: _height(body[1], expect, state))
    if len(bodies) < expect.fewest:
        return NOTHING
    names = [listed.index(n) for n, _ in bodies]
    wanted = list(range(min(names), min(names) + len(bodies)))
    if names == wanted:
        return Said()
    missing = [at for at in range(min(names), max(names) + 1) if at not in names]
    double = sorted({at for at in names if names.count(at) > 1})
    off = [k for k, (name, place) in enumerate(zip(names, wanted, strict=True)) if name != place]
    unclear = (
        len(missing) != len(double)
        or len(missing) > 1
        or max(names) - min(names) + 1 != len(bodies)
        or any(abs(names[k] - wanted[k]) > 1 for k in off)
        or (not missing and len(off) >= len(bodies) / 2)
        or any(listed[at] in expect.may_lack for at in missing)
        or any(_at_an_end(bodies[k][1], expect, state) for k in off)
    )
    if unclear or not _regular(expect, [mask for _, mask in bodies], off, state):
        return NOTHING
    aims = [listed[place] for place in wanted]
    findings, moved = [], []
    for n, mask in parts:
        at = [k for k, (_, body) in enumerate(bodies) if body is mask]
        same = [k for k, (label, _) in enumerate(bodies) if label == n]
        aim = aims[at[0]] if at else aims[same[0]] if len(same) == 1 else n
        if aim != n:
            findings.append(Wrong("out of place", (n,), int(mask.sum()), ()))
            moved.append(Part(mask, aim))
    return Said(tuple(findings), tuple(moved))


def _at_an_end(mask: Mask, expect: Numbered, state: State) -> bool:
    forth = np.array(expect.direction)
    return any(reaches_end(mask, way, state.affine) for way in (forth, -forth))


def _height(mask: Mask, expect: Numbered, state: State) -> float:
    return settled(unit(expect.direction) @ centre_mm(mask, state.affine))


def _regular(expect: Numbered, bodies: list[Mask], off: list[int], state: State) -> bool:
    """Tell whether the steps to, between and from those out of place are those of neighbours."""
    centres = [centre_mm(mask, state.affine) for mask in bodies]
    steps = [settled(np.linalg.norm(other - one)) for one, other in itertools.pairwise(centres)]
    heights = [_height(mask, expect, state) for mask in bodies]
    for k in range(max(off[0] - 1, 0), min(off[-1] + 1, len(bodies) - 1)):
        if settled(heights[k + 1] - heights[k]) < expect.clear_mm:
            return False
        usual = float(np.median(steps[max(k - expect.around, 0) : k + expect.around + 1]))
        if not expect.step_at_least * usual <= steps[k] <= expect.step_at_most * usual:
            return False
    return True
