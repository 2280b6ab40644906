"""A case as plain voxels, and the few things that all judgements are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vesalius.engine.anchors import SLACK, TIE_MM, AnchorFit
from vesalius.engine.grid import Grid
from vesalius.engine.halfspace import evaluate
from vesalius.engine.measure import in_microns
from vesalius.engine.plan import Anchor
from vesalius.engine.reference_anchors import position_mm, reference_fit
from vesalius.engine.steps import Region

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class State:
    """A case: labels by voxel in index order i, j, k, and what is known about it."""

    work: NDArray[np.int64]
    affine: NDArray[np.float64]
    anchors: tuple[Anchor, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    image: NDArray[Any] | None = None

    @property
    def grid(self) -> Grid:
        """Shape and affine."""
        i, j, k = self.work.shape
        return Grid((i, j, k), self.affine)

    def having(self, work: NDArray[np.int64]) -> State:
        """Return the case with other labels."""
        return replace(self, work=work)

    def fit(self, anchor: int) -> AnchorFit:
        """Fit an anchor by number."""
        return reference_fit(self.anchors[anchor], self.work, self.affine)

    def below_ml(self, voxels: int, limit_ml: float) -> bool:
        """Tell whether some voxels are less than a volume; a tie is not."""
        return voxels * self.grid.voxel_ml < limit_ml * (1 - SLACK)

    def above_ml(self, voxels: int, limit_ml: float) -> bool:
        """Tell whether some voxels are more than a volume; a tie is not."""
        return voxels * self.grid.voxel_ml > limit_ml * (1 + SLACK)


class Found(NamedTuple):
    """A finding: what is wrong, with which labels, how many voxels are at fault."""

    kind: str
    labels: tuple[int, ...]
    voxels: int


@dataclass(frozen=True, eq=False)
class Judged:
    """Findings and the parts at fault, or what is missing."""

    findings: tuple[Found, ...] = ()
    parts: tuple[Mask, ...] = ()
    missing: bool = False


class Missing(Exception):
    """An anchor cannot be used."""


def centre_mm(mask: Mask, affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of the voxels' patient positions."""
    return position_mm(affine, np.argwhere(mask).sum(axis=0) / mask.sum())


def connected(
    state: State, labels: Iterable[int], connectivity: int, within: Mask | None = None
) -> list[tuple[int, Mask]]:
    """Return (label, voxels) of the components of each label, in order."""
    rank = {6: 1, 18: 2, 26: 3}[connectivity]
    neighbours = ndimage.generate_binary_structure(3, rank)
    found = []
    for label in sorted(set(labels)):
        own = state.work == label
        numbered, n = ndimage.label(own if within is None else own & within, neighbours)
        found += [(label, numbered == number + 1) for number in range(n)]
    return sorted(found, key=lambda part: (part[0], *_place(part[1], state.affine)))


def pooled(state: State, labels: Sequence[int], connectivity: int) -> list[Mask]:
    """Return the components of all labels together, in order."""
    as_one = state.having(np.isin(state.work, list(labels)).astype(np.int64))
    return [mask for _, mask in connected(as_one, [1], connectivity)]


def _place(mask: Mask, affine: NDArray[np.float64]) -> tuple[Any, ...]:
    """Return what components of one label are ordered by."""
    voxels = [position_mm(affine, voxel) for voxel in np.argwhere(mask)]
    first = min(tuple(in_microns(xyz).tolist()) for xyz in voxels)
    return -len(voxels), tuple(in_microns(centre_mm(mask, affine)).tolist()), first


def positive_voxels(state: State, anchor: int) -> Mask:
    """Tell for each voxel whether it lies on the positive side of a plane, or inside a box."""
    fit = state.fit(anchor)
    if not fit.fitted:
        raise Missing
    inside = np.ones(state.work.shape, dtype=bool)
    for plane in fit.half_spaces():
        inside &= evaluate(plane.coefficients(state.grid), *np.indices(inside.shape)) >= 0
    return inside


def region_voxels(state: State, region: Region) -> Mask:
    """Tell for each voxel whether it lies in a region."""
    inside = np.ones(state.work.shape, dtype=bool)
    for condition in region:
        inside &= positive_voxels(state, condition.anchor) == condition.inside
    return inside


def holds_point(state: State, region: Region, xyz_mm: NDArray[np.float64]) -> bool:
    """Tell whether a point lies in a region."""
    answers = []
    for condition in region:
        fit = state.fit(condition.anchor)
        if not fit.fitted:
            raise Missing
        if fit.low_mm is not None and fit.high_mm is not None:
            above = np.all(xyz_mm >= np.array(fit.low_mm) - TIE_MM)
            below = np.all(xyz_mm <= np.array(fit.high_mm) + TIE_MM)
            positive = bool(above and below)
        else:
            plane = fit.half_space()
            positive = float(np.dot(plane.normal, xyz_mm)) >= plane.offset_mm
        answers.append(positive == condition.inside)
    return all(answers)


def side_of(part: Mask, positive: Mask, whole_share: float) -> Mask:
    """Return where a part counts as positive: everywhere, nowhere, or as the plane cuts it."""
    total, above = int(part.sum()), int((part & positive).sum())
    below = total - above
    if max(above, below) / total >= whole_share:
        return np.full(part.shape, above >= below)
    return positive
