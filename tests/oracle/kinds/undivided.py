"""A pooled component carries one label, where it is clear which."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import in_outer_layer
from oracle.judging import Part, Said, Wrong
from oracle.state import State, pooled
from vesalius.engine.kinds import Undivided


def judge(expect: Undivided, state: State) -> Said:
    """Give what is at home elsewhere to the one label at home."""
    pieces = pooled(state, expect.labels, expect.connectivity)
    voxels = [
        {n: int((state.work[piece] == n).sum()) for n in sorted(set(expect.labels))}
        for piece in pieces
    ]
    homes: dict[int, list[int]] = {at: [] for at in range(len(pieces))}
    for label in state.present(sorted(set(expect.labels))):
        # The first, and so the largest, of those with equally many.
        homes[max(homes, key=lambda at: (voxels[at][label], -at))].append(label)
    found: list[tuple[Part, int]] = []
    passed_over = False
    for at, piece in enumerate(pieces):
        if len(homes[at]) != 1:
            continue
        (host,) = homes[at]
        for label, count in voxels[at].items():
            if label == host or count == 0:
                continue
            if expect.sure is None and count > voxels[at][host]:
                continue
            if state.below_ml(count, expect.ignore_below_ml):
                continue
            doubtful = (piece, state.work == label, state.work == host)
            if expect.skip_cut and any(in_outer_layer(mask) for mask in doubtful):
                passed_over = True
                continue
            found.append((Part(piece & (state.work == label), host), label))
    known = {
        names[0]: int(pieces[at].sum())
        for at, names in homes.items()
        if len(names) == 1 and not in_outer_layer(pieces[at])
    }
    wrong = [
        Wrong("divided", (label,), int(part.voxels.sum()))
        for part, label in found
        if expect.sure is None or _proven(expect, part, label, found, known, state) == expect.sure
    ]
    parts = [
        part
        for part, label in found
        if expect.sure is None or _proven(expect, part, label, found, known, state) == expect.sure
    ]
    return Said(tuple(wrong), tuple(parts), passed_over=passed_over)


def _proven(
    expect: Undivided,
    part: Part,
    label: int,
    found: list[tuple[Part, int]],
    known: dict[int, int],
    state: State,
) -> bool:
    """The label at home is around the part, or lacks it beside its mirror."""
    faces = on_host = 0
    shape = state.work.shape
    for voxel in np.argwhere(part.voxels):
        for axis, step in itertools.product(range(3), (-1, 1)):
            beside = voxel.copy()
            beside[axis] += step
            if not all(0 <= n < size for n, size in zip(beside, shape, strict=True)):
                continue
            if not part.voxels[tuple(beside)]:
                # What other parts hold is passed over.
                taken = any(other.voxels[tuple(beside)] for other, _ in found)
                faces += not taken
                on_host += not taken and state.work[tuple(beside)] == part.target
    if on_host >= expect.enclosed_share * faces:
        return True
    mirrors = dict(expect.mirrors) | {b: a for a, b in expect.mirrors}

    if any((mirrors.get(label), mirrors.get(part.target)) == (n, p.target) for p, n in found):
        return True
    names = label, part.target, mirrors.get(label), mirrors.get(part.target)
    if not set(names) <= set(known):
        return False
    own, host, own_image, host_image = (known[name] for name in names)
    less = (host - int(part.voxels.sum())) * own_image
    return less <= expect.less_share * (own * host_image)
