"""Sequences, by looking at every voxel."""

from __future__ import annotations

import numpy as np

from vesalius.engine.halfspace import evaluate
from vesalius.engine.projection import along, settled
from vesalius.engine.reference_rules.measures import NOTHING, Said, Wrong, is_cut, present
from vesalius.engine.reference_rules.state import State
from vesalius.engine.steps import Contiguous, Ordered


def ordered(expect: Ordered, state: State) -> Said:
    """Compare the centre of every label with that of the next present one."""
    coefficients = along(state.grid, expect.direction)

    def height(label: int) -> float:
        voxels = np.argwhere(state.work == label)
        return float(evaluate(coefficients, *(voxels.sum(axis=0) / len(voxels))))

    chain = [
        label
        for label in present(state, expect.labels)
        if not (expect.skip_cut and is_cut(state, label))
    ]
    if len(chain) < 2:
        return NOTHING
    findings = []
    for at in range(1, len(chain)):
        one, other = chain[at - 1], chain[at]
        step = float(settled(height(other) - height(one)))
        values: tuple[tuple[str, float], ...] = (("step_mm", step),)
        neighbours = expect.labels.index(other) == expect.labels.index(one) + 1
        bounded = neighbours and not is_cut(state, one) and not is_cut(state, other)
        if step < -expect.tolerance_mm:
            findings.append(Wrong("out of order", (one, other), 0, values))
        elif bounded and expect.at_least_mm is not None and step < expect.at_least_mm:
            values += (("at_least_mm", expect.at_least_mm),)
            findings.append(Wrong("too small a step", (one, other), 0, values))
        elif bounded and expect.at_most_mm is not None and step > expect.at_most_mm:
            values += (("at_most_mm", expect.at_most_mm),)
            findings.append(Wrong("too large a step", (one, other), 0, values))
    return Said(tuple(findings))


def contiguous(expect: Contiguous, state: State) -> Said:
    """Walk along the sequence and note what is missing until the next present label."""
    findings = []
    before = None
    missing: list[int] = []
    for label in expect.labels:
        if (state.work == label).any():
            if before is not None and missing:
                both_cut = is_cut(state, before) and is_cut(state, label)
                if not (expect.skip_cut and both_cut):
                    values = (("missing", float(len(missing))),)
                    findings.append(Wrong("gap", tuple(missing), 0, values))
            before, missing = label, []
        elif label not in expect.optional:
            missing.append(label)
    return Said(tuple(findings))
