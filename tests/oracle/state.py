"""A case as plain voxels, and the few things that all judgements are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from oracle.anchors import Fit, fit
from oracle.geometry import (
    SLACK,
    Affine,
    Mask,
    centre_mm,
    place_microns,
    position_mm,
    voxel_ml,
)
from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.where import Region

Labels = NDArray[np.int64]


class Missing(Exception):
    """An anchor or the image cannot be used."""


@dataclass(frozen=True, eq=False)
class State:
    """A case: labels by voxel in index order i, j, k, and what is known about it."""

    work: Labels
    affine: Affine
    anchors: tuple[Anchor, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    image: NDArray[Any] | None = None
    sources: tuple[Labels, ...] = ()

    def having(self, work: Labels) -> State:
        """Return the case with other labels."""
        return replace(self, work=work)

    def fit(self, anchor: int) -> Fit:
        """Fit an anchor by number to the labels as they are now."""
        return fit(self.anchors[anchor], self.work, self.affine)

    def fitted(self, anchor: int) -> Fit:
        """Fit an anchor; raises Missing where it cannot be used."""
        found = self.fit(anchor)
        if not found.fitted:
            raise Missing
        return found

    def ml(self, voxels: int) -> float:
        """Volume of some voxels."""
        return voxels * voxel_ml(self.affine)

    def below_ml(self, voxels: int, limit_ml: float) -> bool:
        """Tell whether some voxels are less than a volume; a tie is not."""
        return self.ml(voxels) < limit_ml * (1 - SLACK)

    def above_ml(self, voxels: int, limit_ml: float) -> bool:
        """Tell whether some voxels are more than a volume; a tie is not."""
        return self.ml(voxels) > limit_ml * (1 + SLACK)

    def present(self, labels: Iterable[int]) -> list[int]:
        """Return the labels that have voxels, in the order given."""
        return [label for label in labels if (self.work == label).any()]


def connected(
    state: State, labels: Iterable[int], connectivity: int, within: Mask | None = None
) -> list[tuple[int, Mask]]:
    """Return (label, voxels) of the components of each label.

    They come by label, then from large to small, then by the place of their centre and of their
    first voxel in the patient.
    """
    rank = {6: 1, 18: 2, 26: 3}[connectivity]
    structure = ndimage.generate_binary_structure(3, rank)
    found = []
    for label in sorted(set(labels)):
        own = state.work == label
        numbered, n = ndimage.label(own if within is None else own & within, structure)
        found += [(label, numbered == number + 1) for number in range(n)]
    return sorted(found, key=lambda part: (part[0], *_place(part[1], state.affine)))


def main_mask(state: State, label: int) -> Mask:
    """Return the largest piece of a label and all with half of its voxels, corners connecting."""
    pieces = [mask for _, mask in connected(state, [label], 26)]
    most = max((int(mask.sum()) for mask in pieces), default=0)
    alike = [mask for mask in pieces if 2 * mask.sum() >= most]
    return np.any(alike, axis=0) if alike else np.zeros(state.work.shape, dtype=bool)


def pooled(state: State, labels: Sequence[int], connectivity: int) -> list[Mask]:
    """Return the components of all labels together, in order."""
    as_one = state.having(np.isin(state.work, list(labels)).astype(np.int64))
    return [mask for _, mask in connected(as_one, [1], connectivity)]


def _place(mask: Mask, affine: Affine) -> tuple[Any, ...]:
    """Return what components of one label are ordered by."""
    first = min(place_microns(position_mm(affine, voxel)) for voxel in np.argwhere(mask))
    return -int(mask.sum()), place_microns(centre_mm(mask, affine)), first


def positive_voxels(state: State, anchor: int) -> Mask:
    """Tell for each voxel whether it lies on the positive side of a plane, or inside a box."""
    found = state.fitted(anchor)
    positive = np.zeros(state.work.shape, dtype=bool)
    for voxel in np.ndindex(positive.shape):
        positive[voxel] = found.holds(position_mm(state.affine, voxel))
    return positive


def region_voxels(state: State, region: Region) -> Mask:
    """Tell for each voxel whether it lies in a region."""
    inside = np.ones(state.work.shape, dtype=bool)
    for condition in region:
        inside &= positive_voxels(state, condition.anchor) == condition.inside
    return inside


def holds_point(state: State, region: Region, xyz_mm: NDArray[np.float64]) -> bool:
    """Tell whether a point lies in a region; every anchor of it must be usable."""
    return all([state.fitted(c.anchor).holds(xyz_mm) == c.inside for c in region])  # noqa: C419


def mostly_positive(part: Mask, positive: Mask) -> bool:
    """Tell on which side more of a part lies; of two equal halves the positive one counts."""
    return 2 * int((part & positive).sum()) >= int(part.sum())


def lies_whole(part: Mask, positive: Mask, whole_share: float) -> bool:
    """Tell whether so much of a part lies on one side that it counts as lying there whole."""
    above, total = int((part & positive).sum()), int(part.sum())
    return max(above, total - above) / total >= whole_share


def side_of(part: Mask, positive: Mask, whole_share: float) -> Mask:
    """Return where a part counts as positive: everywhere, nowhere, or as the plane cuts it."""
    if lies_whole(part, positive, whole_share):
        return np.full(part.shape, mostly_positive(part, positive))
    return positive
