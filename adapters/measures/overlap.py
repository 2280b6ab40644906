"""How much of each structure two segmentations have in common, from their runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.measures.shared import Shared
from vesalius.adapters.measures.structure_map import StructureMap
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.overlap import pair_voxels
from vesalius.engine.runs.sweeps import subtract, with_axes


@dataclass(frozen=True)
class Overlap:
    """Volumes of one structure in two segmentations.

    Parameters
    ----------
    one, other, common : int
        Voxels in each of them, and in both.
    voxel_ml : float
        Volume of a voxel.
    """

    one: int
    other: int
    common: int
    voxel_ml: float

    @property
    def one_ml(self) -> float:
        """Volume in the first."""
        return self.one * self.voxel_ml

    @property
    def other_ml(self) -> float:
        """Volume in the second."""
        return self.other * self.voxel_ml

    @property
    def common_ml(self) -> float:
        """Volume in both."""
        return self.common * self.voxel_ml

    @property
    def dice(self) -> float | None:
        """Twice the common volume by the sum of both; None where both are empty."""
        total = self.one + self.other
        return 2 * self.common / total if total else None

    @property
    def iou(self) -> float | None:
        """Common volume by that of the union; None where both are empty."""
        union = self.one + self.other - self.common
        return self.common / union if union else None

    def state(self, one: str, other: str) -> str:
        """Say which have a voxel: `both`, `only_ONE`, `only_OTHER` or `neither`."""
        if self.one and self.other:
            return "both"
        if not self.one and not self.other:
            return "neither"
        return f"only_{one if self.one else other}"


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Voxels by label of one segmentation and label of another.

    Parameters
    ----------
    voxels : ndarray of int64, shape (1 + n, 1 + m)
        Row and column 0 are background.
    voxel_ml : float
        Volume of a voxel.
    one, other : StructureMap
        The segmentations.
    """

    voxels: NDArray[np.int64]
    voxel_ml: float
    one: StructureMap
    other: StructureMap

    def of(self, shared: Shared, sides: tuple[int, int] = (0, 1)) -> Overlap:
        """Give the overlap of a structure that both can tell.

        Parameters
        ----------
        shared : Shared
            The structure.
        sides : tuple of int
            Which of its members belong to the two segmentations.
        """
        rows = _labels(self.one, shared.members[sides[0]])
        columns = _labels(self.other, shared.members[sides[1]])
        in_one, in_other = self._totals
        return Overlap(
            one=sum(in_one[row] for row in rows),
            other=sum(in_other[column] for column in columns),
            common=sum(int(self.voxels[row, column]) for row in rows for column in columns),
            voxel_ml=self.voxel_ml,
        )

    @cached_property
    def _totals(self) -> tuple[list[int], list[int]]:
        """Voxels of each label of the one, and of the other."""
        return self.voxels.sum(axis=1).tolist(), self.voxels.sum(axis=0).tolist()


def count_overlaps(one: StructureMap, other: StructureMap) -> Overlaps:
    """Count the voxels of every pair of labels.

    Parameters
    ----------
    one, other : StructureMap
        On one grid, with the same axes, and read where both have an opinion; see `on_one_line`.
    """
    found = pair_voxels(one.labels, other.labels)
    voxels = np.zeros((len(one.names), len(other.names)), dtype=np.int64)
    voxels[: found.shape[0], : found.shape[1]] = found
    return Overlaps(voxels, one.labels.grid.voxel_ml, one, other)


def on_one_line(maps: Sequence[StructureMap]) -> list[StructureMap]:
    """Bring segmentations of one grid to the same axes, without what one of them has not read."""
    axes = maps[0].labels.axes
    unread = [with_axes(m.unread, axes) for m in maps if len(m.unread)]
    return [replace(m, labels=_read(with_axes(m.labels, axes), unread)) for m in maps]


def _read(labels: LabelMap, unread: Sequence[LabelMap]) -> LabelMap:
    for mask in unread:
        labels = subtract(labels, mask)
    return labels


def _labels(found: StructureMap, structures: frozenset[str]) -> list[int]:
    return sorted(found.label_of[name] for name in structures if name in found.label_of)
