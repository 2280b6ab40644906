"""No label ends at full width on another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.geometry import centre_mm, settled
from oracle.judging import Said, Wrong, is_cut
from oracle.state import State, connected
from vesalius.engine.kinds import Tapering

Labels = tuple[int, ...]


def judge(expect: Tapering, state: State) -> Said:
    """Look at the layers of voxels at the six ends of the largest piece of each label."""
    matrix = state.affine[:3, :3]
    findings = []
    for label in state.present(sorted(set(expect.labels))):
        if expect.background and is_cut(state, label):
            continue
        body = connected(state, [label], 6)[0][1]
        own = []
        for axis in range(3):
            one, other = (matrix[:, n] for n in range(3) if n != axis)
            face_mm2 = float(np.linalg.norm(np.cross(one, other)))
            thick_mm = settled(abs(float(np.linalg.det(matrix))) / face_mm2)
            if thick_mm > expect.layer_at_most_mm:
                continue
            for turned in (False, True):
                mask, work = np.moveaxis(body, axis, 0), np.moveaxis(state.work, axis, 0)
                if turned:
                    mask, work = mask[::-1], work[::-1]
                layers = [n for n in range(len(mask)) if mask[n].any()]
                at = layers[0]
                if len(layers) < 3 or at == 0:
                    continue
                first, *behind = (int(mask[at + n].sum()) for n in range(3))
                flat, mm2 = settled(first / np.mean(behind)), settled(first * face_mm2)
                if flat < expect.flat_share or mm2 < expect.at_least_mm2:
                    continue
                beyond = work[at - 1][mask[at]]
                values = (("mm2", round(mm2, 1)),)
                others = [n for n in expect.against if n != label]
                if expect.background:
                    bare = int(np.isin(beyond, [0, *others]).sum())
                    said = (label,) if bare >= expect.meets_share * first else ()
                    kind = "cut short"
                else:
                    said, kind = (
                        _on_one(beyond, others, label, expect.meets_share * first),
                        "cut off",
                    )
                if not said:
                    continue
                layer = np.zeros(mask.shape, dtype=bool)
                layer[at] = mask[at]
                layer = layer[::-1] if turned else layer
                place = centre_mm(np.moveaxis(layer, 0, axis), state.affine)
                own.append((place.tolist(), Wrong(kind, said, first, values)))
        findings += [wrong for _, wrong in sorted(own, key=lambda entry: entry[0])]
    return Said(tuple(findings))


def _on_one(beyond: NDArray[np.integer], others: list[int], label: int, least: float) -> Labels:
    """Name the body and the one that most of its end lies on; nothing where that is too little."""
    met = {n: int((beyond == n).sum()) for n in others}
    most = min(met, key=lambda n: (-met[n], n), default=None)
    return () if most is None or met[most] == 0 or met[most] < least else (label, most)
