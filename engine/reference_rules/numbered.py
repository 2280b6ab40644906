"""A chain numbered by place, by looking at every component."""

from __future__ import annotations

import itertools

import numpy as np

from vesalius.engine.halfspace import evaluate
from vesalius.engine.projection import along, settled
from vesalius.engine.reference_rules.measures import NOTHING, Mask, Part, Said, Wrong
from vesalius.engine.reference_rules.state import State, centre_mm, connected
from vesalius.engine.steps import Numbered


def numbered(expect: Numbered, state: State) -> Said:
    """Give the bodies of a chain the labels of their places, where the case is proven."""
    seen = set(np.unique(state.work).tolist())
    listed = [n for n in expect.labels if n in seen or n not in expect.optional]
    parts = connected(state, listed, expect.connectivity)
    size = {label: max(int(m.sum()) for n, m in parts if n == label) for label, _ in parts}
    bodies = [(n, mask) for n, mask in parts if 2 * int(mask.sum()) >= size[n]]
    bodies.sort(key=lambda body: _height(body[1], expect, state))
    if len(bodies) < 4:
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
        or any(_cut(bodies[k][1]) for k in off)
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


def _height(mask: Mask, expect: Numbered, state: State) -> float:
    voxels = np.argwhere(mask)
    centre = voxels.sum(axis=0) / len(voxels)
    return float(settled(evaluate(along(state.grid, expect.direction), *centre)))


def _cut(mask: Mask) -> bool:
    return any(bool(mask.take(end, axis).any()) for axis in range(3) for end in (0, -1))


def _regular(expect: Numbered, bodies: list[Mask], off: list[int], state: State) -> bool:
    """Tell whether the steps to, between and from those out of place are those of neighbours."""
    centres = [centre_mm(mask, state.affine) for mask in bodies]
    steps = [
        float(settled(np.linalg.norm(other - one))) for one, other in itertools.pairwise(centres)
    ]
    heights = [_height(mask, expect, state) for mask in bodies]
    for k in range(max(off[0] - 1, 0), min(off[-1] + 1, len(bodies) - 1)):
        if settled(heights[k + 1] - heights[k]) < expect.clear_mm:
            return False
        usual = float(np.median(steps[max(k - 4, 0) : k + 5]))
        if not 0.6 * usual <= steps[k] <= 1.5 * usual:
            return False
    return True
