"""Surfaces of all structures that two segmentations share, as few passes over them as may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vesalius.adapters.measures.pairs import Pair
from vesalius.adapters.measures.shared import Shared
from vesalius.adapters.measures.structure_map import StructureMap
from vesalius.adapters.measures.surface_figures import SurfaceFigures, surface_figures
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.sweeps import relabel


@dataclass
class _Layer:
    """Structures that have no voxel in common, so that one map can show them all."""

    structures: list[Shared] = field(default_factory=list)
    used: list[set[str]] = field(default_factory=lambda: [set(), set()])

    def has_room(self, shared: Shared) -> bool:
        return all(not names & used for names, used in zip(shared.members, self.used, strict=True))

    def add(self, shared: Shared) -> None:
        self.structures.append(shared)
        for at, names in enumerate(shared.members):
            self.used[at] |= names


def surfaces_of(
    pair: Pair, structures: Sequence[Shared], tolerance_mm: float
) -> dict[str, SurfaceFigures]:
    """Compare the surfaces of structures.

    Parameters
    ----------
    pair : Pair
        Prediction and truth.
    structures : sequence of Shared
        Each with a voxel on both sides.
    tolerance_mm : float
        Of the overlap.

    Returns
    -------
    dict of str to SurfaceFigures
        By structure.
    """
    sides = (pair.one, pair.other)
    layers: list[_Layer] = []
    for shared in structures:
        layer = next((layer for layer in layers if layer.has_room(shared)), None)
        if layer is None:
            layer = _Layer()
            layers.append(layer)
        layer.add(shared)
    found: dict[str, SurfaceFigures] = {}
    for layer in layers:
        maps = [_map_of(side, at, layer.structures) for at, side in enumerate(sides)]
        figures = surface_figures(maps[0], maps[1], tolerance_mm)
        found.update(
            {shared.structure: figures[at] for at, shared in enumerate(layer.structures, start=1)}
        )
    return found


def _map_of(side: StructureMap, at: int, structures: Sequence[Shared]) -> LabelMap:
    """Show structures as labels 1, 2, ... in their order."""
    lut = np.zeros(len(side.names), dtype=np.uint16)
    for label, shared in enumerate(structures, start=1):
        lut[_labels(side, shared.members[at])] = label
    return relabel(side.labels, lut)


def _labels(side: StructureMap, structures: frozenset[str]) -> list[int]:
    return [side.label_of[name] for name in sorted(structures) if name in side.label_of]
