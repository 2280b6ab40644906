"""Holes, by flooding the background from every voxel."""

from __future__ import annotations

from vesalius.engine.reference import components, neighbours
from vesalius.engine.reference_rules.measures import Part, Said, Wrong
from vesalius.engine.reference_rules.state import State
from vesalius.engine.steps import Filled


def filled(expect: Filled, state: State) -> Said:
    """Look at the neighbours of every component of background."""
    shape = state.work.shape
    findings, parts = [], []
    for component in components((state.work == 0).astype(int), state.grid):
        outer = any(
            v in (0, n - 1) for voxel in component.voxels for v, n in zip(voxel, shape, strict=True)
        )
        around = {
            int(state.work[other])
            for voxel in component.voxels
            for other in neighbours(voxel, shape, 6)
        } - {0}
        voxels = len(component.voxels)
        large = state.above_ml(voxels, expect.holes_at_most_ml)
        if outer or len(around) != 1 or not around <= set(expect.labels) or not large:
            continue
        label = around.pop()
        mask = state.work < 0
        for voxel in component.voxels:
            mask[voxel] = True
        parts.append(Part(mask, label))
        values = (("at_most_ml", expect.holes_at_most_ml),)
        findings.append(Wrong("hole", (label,), voxels, values))
    return Said(tuple(findings), tuple(parts))
