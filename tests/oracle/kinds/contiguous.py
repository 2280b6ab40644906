"""Between the first and the last present label of a list none is missing."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import centre_mm, in_outer_layer, layer_mm, position_mm, reaches_end, settled
from oracle.judging import Said, Wrong
from oracle.state import State, main_mask
from vesalius.engine.kinds import Contiguous


def judge(expect: Contiguous, state: State) -> Said:
    """Walk along the list and note what is missing until the next present label."""
    findings = []
    before = None
    missing: list[int] = []
    sizes = {n: int(main_mask(state, n).sum()) for n in state.present(expect.labels)}
    least = expect.speck_share * float(np.median(list(sizes.values()))) if sizes else 0.0
    counted = [label for label, voxels in sizes.items() if voxels >= least]
    passed_over = len(counted) < len(sizes)
    for label in expect.labels:
        if label in counted:
            if before is not None and missing:
                if expect.skip_cut and _leaves(expect, state, before, label, len(missing)):
                    passed_over = True
                else:
                    values = (("missing", float(len(missing))),)
                    findings.append(Wrong("gap", tuple(missing), 0, values))
            before, missing = label, []
        elif label not in expect.optional:
            missing.append(label)
    if expect.room_at_most is not None:
        findings += _wide_steps(expect, state, counted)
    return Said(tuple(findings), passed_over=passed_over)


def _wide_steps(expect: Contiguous, state: State, counted: list[int]) -> list[Wrong]:
    """Compare each step between followers with the middle one of those around it."""
    pairs = []
    for one, other in itertools.pairwise(counted):
        first, last = (expect.labels.index(n) for n in (one, other))
        if all(n in expect.optional for n in expect.labels[first + 1 : last]):
            ends = [centre_mm(main_mask(state, n), state.affine) for n in (one, other)]
            pairs.append((one, other, settled(float(np.linalg.norm(ends[0] - ends[1]))), first))
    if not pairs:
        return []
    outer = [centre_mm(main_mask(state, n), state.affine) for n in (pairs[0][0], pairs[-1][1])]
    along = np.array([settled(float(mm)) for mm in outer[1] - outer[0]])
    cut = []
    for pair in pairs:
        masks = [main_mask(state, n) for n in pair[:2]]
        if along.any():
            ends = [reaches_end(m, way, state.affine) for m in masks for way in (along, -along)]
        else:
            ends = [in_outer_layer(m) for m in masks]
        cut.append(any(ends))
    wide = []
    for (one, other, step, at), ended in zip(pairs, cut, strict=True):
        if ended:
            continue
        near = sorted(
            mm
            for (_, _, mm, place), at_end in zip(pairs, cut, strict=True)
            if abs(place - at) <= expect.around and not at_end
        )
        if len(near) < 3:
            continue
        middle = (near[(len(near) - 1) // 2] + near[len(near) // 2]) / 2
        limit = settled((expect.room_at_most or 0.0) * middle)
        if step > limit:
            values = (("step_mm", step), ("at_most_mm", limit))
            wide.append(Wrong("room", (one, other), 0, values))
    return wide


def _leaves(expect: Contiguous, state: State, one: int, other: int, missing: int) -> bool:
    """Tell whether a face of the array that both reach is near the middle between them."""
    masks = [main_mask(state, n) for n in (one, other)]
    ends = [np.argwhere(mask).sum(axis=0) / mask.sum() for mask in masks]
    apart = position_mm(state.affine, ends[0]) - position_mm(state.affine, ends[1])
    reach_mm = settled(expect.reach_steps * np.sqrt((apart**2).sum()) / (missing + 1))
    for axis, n in enumerate(state.work.shape):
        middle = (ends[0][axis] + ends[1][axis]) / 2
        for last, layers in ((0, middle + 0.5), (n - 1, n - 0.5 - middle)):
            reached = all((np.argwhere(mask)[:, axis] == last).any() for mask in masks)
            if reached and settled(layers * layer_mm(axis, state.affine)) <= reach_mm:
                return True
    return False
