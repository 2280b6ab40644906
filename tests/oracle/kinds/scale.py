"""How many times as large as usual a map is, along each patient axis."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import settled
from oracle.judging import NOTHING, Said, Wrong, is_cut
from oracle.state import State, main_mask
from vesalius.engine.kinds import Scale


def judge(expect: Scale, state: State) -> Said:
    """Compare the patient box around the box of voxels of each label with its usual size."""
    usual = {label: size for size in expect.sizes for label in size.labels}
    labels = sorted(n for n in state.present(usual) if not is_cut(state, n))
    if len(labels) < max(expect.at_least, 1):
        return NOTHING
    times = []
    for axis in range(3):
        ratios = []
        for label in labels:
            sides = (usual[label].x_mm, usual[label].y_mm, usual[label].z_mm)
            ratios.append(_side_mm(label, axis, state) / sides[axis])
        times.append(float(np.median(ratios)))
    together = settled((times[0] * times[1] * times[2]) ** (1 / 3))
    uneven = settled(max(times) / min(times))
    if uneven > expect.uneven_times:
        kind = "stretched"
    elif together < expect.at_least_times:
        kind = "too small a patient"
    elif together > expect.at_most_times:
        kind = "too large a patient"
    else:
        return Said()
    x, y, z = (settled(value) for value in times)
    values = (
        ("times", together), ("x", x), ("y", y), ("z", z), ("compared", float(len(labels))),
    )  # fmt: skip
    return Said((Wrong(kind, tuple(labels), 0, values),))


def _side_mm(label: int, axis: int, state: State) -> float:
    """The extent of the eight corners of the box of the label's largest piece."""
    voxels = np.argwhere(main_mask(state, label))
    ends = list(zip(voxels.min(axis=0), voxels.max(axis=0) + 1, strict=True))
    corners = [state.affine[:3, :3] @ np.array(c) for c in itertools.product(*ends)]
    return float(max(c[axis] for c in corners) - min(c[axis] for c in corners))
