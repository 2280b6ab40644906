"""What judgements say, and the two ways in which most of them say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from oracle.geometry import Mask, in_outer_layer
from oracle.state import State, connected

Values = tuple[tuple[str, float], ...]


class Wrong(NamedTuple):
    """A finding: what is wrong, with which labels, how many voxels, and figures by name."""

    kind: str
    labels: tuple[int, ...]
    voxels: int
    values: Values = ()


class Part(NamedTuple):
    """Voxels that a repair moves as one, and the label that they should have (-1: not said)."""

    voxels: Mask
    target: int = -1


class Said(NamedTuple):
    """What a judgement says."""

    findings: tuple[Wrong, ...] = ()
    parts: tuple[Part, ...] = ()
    missing: bool = False
    passed_over: bool = False
    """Whether nothing can be said of some labels that are there."""


NOTHING = Said(missing=True)

STAYS = -1
"""Stands for the label of a voxel that a repair leaves as it is."""


def is_cut(state: State, label: int) -> bool:
    """Tell whether the border of the scan cuts a label."""
    return in_outer_layer(state.work == label)


def by_component(state: State, wrong: Mask, kind: str, per: str) -> Said:
    """Make the components of the voxels at fault parts, with one finding each, or per label."""
    labels = np.unique(state.work[wrong]).tolist()
    parts = connected(state, labels, 6, wrong)
    if per == "voxel":
        findings = []
        for label in labels:
            own = [mask for n, mask in parts if n == label]
            voxels = sum(int(mask.sum()) for mask in own)
            findings.append(Wrong(kind, (label,), voxels, (("parts", float(len(own))),)))
    else:
        findings = [Wrong(kind, (label,), int(mask.sum())) for label, mask in parts]
    return Said(tuple(findings), tuple(Part(mask) for _, mask in parts))


def by_label(
    state: State, wrong: Sequence[tuple[int, str, Values]], judged: int, unsaid: int
) -> Said:
    """Return what is said of labels that were judged one by one."""
    if not judged and unsaid:
        return NOTHING
    findings, parts = [], []
    for label, kind, values in sorted(wrong, key=lambda entry: entry[0]):
        mask = state.work == label
        findings.append(Wrong(kind, (label,), int(mask.sum()), tuple(values)))
        parts.append(Part(mask))
    return Said(tuple(findings), tuple(parts), passed_over=unsaid > 0)
