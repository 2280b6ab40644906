"""What the voxel judgements of measured figures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.reference_rules.state import State

Mask = NDArray[np.bool_]


class Wrong(NamedTuple):
    """A finding: what is wrong, with which labels, how many voxels, and figures by name."""

    kind: str
    labels: tuple[int, ...]
    voxels: int
    values: tuple[tuple[str, float], ...]


class Part(NamedTuple):
    """Voxels that a repair moves as one, and the label that they should have (-1: not said)."""

    voxels: Mask
    target: int = -1


class Said(NamedTuple):
    """What a judgement says."""

    findings: tuple[Wrong, ...] = ()
    parts: tuple[Part, ...] = ()
    missing: bool = False


NOTHING = Said(missing=True)


def present(state: State, labels: Sequence[int]) -> list[int]:
    """Return the labels that have voxels, in the order given."""
    return [label for label in labels if (state.work == label).any()]


def is_cut(state: State, label: int) -> bool:
    """Tell whether a label has a voxel in an outermost plane."""
    mask = state.work == label
    return any(bool(mask.take(end, axis).any()) for axis in range(3) for end in (0, -1))


def by_label(state: State, wrong: Sequence[tuple[int, str, Any]], judged: int, unsaid: int) -> Said:
    """Return what is said of labels that were judged one by one."""
    if not judged and unsaid:
        return NOTHING
    findings, parts = [], []
    for label, kind, values in sorted(wrong, key=lambda entry: entry[0]):
        mask = state.work == label
        findings.append(Wrong(kind, (label,), int(mask.sum()), tuple(values)))
        parts.append(Part(mask))
    return Said(tuple(findings), tuple(parts))
