"""One structure in several segmentations: their consensus, and each against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.merge.votes import Votes, count_votes
from vesalius.engine.runs.build import empty
from vesalius.engine.runs.crop import bounds, crop, uncrop
from vesalius.engine.runs.labelmap import LabelMap, decode, encode
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

_PACKAGE = "SimpleITK"


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far several segmentations of one structure agree.

    Parameters
    ----------
    votes : Votes
        What each says where.
    consensus : LabelMap
        Label 1 where it is.
    common : ndarray of int64, shape (k, k)
        Voxels that each two have in common; on the diagonal those of each.
    with_consensus : ndarray of int64, shape (k,)
        Voxels that each has in common with the consensus.
    """

    votes: Votes
    consensus: LabelMap
    common: NDArray[np.int64]
    with_consensus: NDArray[np.int64]

    @property
    def voxels(self) -> NDArray[np.int64]:
        """Voxels of each, shape (k,)."""
        return self.common.diagonal()

    def pair_dice(self, one: int, other: int) -> float | None:
        """Give the Dice of two of them; None where neither has a voxel."""
        total = int(self.common[one, one] + self.common[other, other])
        return 2 * int(self.common[one, other]) / total if total else None

    def mean_dice(self, without: int | None = None, of: int | None = None) -> float | None:
        """Give the mean Dice of pairs: without one of them, or those of one of them."""
        k = len(self.common)
        pairs = ((i, j) for i in range(k) for j in range(i + 1, k))
        found = [
            self.pair_dice(i, j)
            for i, j in pairs
            if without not in (i, j) and (of is None or of in (i, j))
        ]
        defined = [dice for dice in found if dice is not None]
        return float(np.mean(defined)) if defined else None


def agreement(masks: Sequence[LabelMap], method: str = "majority") -> Agreement:
    """Find the consensus of several masks.

    Parameters
    ----------
    masks : sequence of LabelMap
        At least two, all of one grid and one axes order; every label counts as inside.
    method : {"majority", "staple"}
        More than half of them (of two, both); or STAPLE of SimpleITK, above a probability of 0.5.

    Returns
    -------
    Agreement
    """
    votes = count_votes(masks)
    consensus = votes.majority() if method == "majority" else _staple(masks)
    both = count_votes([consensus, *masks]).common()
    return Agreement(votes, consensus, votes.common(), both[0, 1:])


def require_method(method: str) -> None:
    """Make sure that a consensus can be made.

    Raises
    ------
    DiagnosticError
        MEA011 where STAPLE is asked for and SimpleITK is not installed.
    """
    if method == "staple" and find_spec(_PACKAGE) is None:
        text = "STAPLE needs the package SimpleITK, which is not installed"
        hint = "pip install 'vesalius[consensus]'; or take --consensus majority"
        raise DiagnosticError([Diagnostic("MEA011", "error", text, help=hint)])


def _staple(masks: Sequence[LabelMap]) -> LabelMap:
    """Estimate the truth by STAPLE, in the box of what any of the masks has."""
    import SimpleITK as sitk  # noqa: PLC0415 - an extra, and what everybody calls it

    whole = count_votes(masks)
    like = masks[0]
    box = bounds(LabelMap(like.grid, like.axes, whole.start, whole.stop,
                          np.ones(whole.start.size, dtype=np.uint16)))  # fmt: skip
    if box is None:
        return empty(like.grid, like.axes)
    # In memory order, so that nothing is copied twice; where voxels lie does not matter to STAPLE.
    order = like.axes[::-1]
    cut = [crop(mask, box) for mask in masks]
    arrays = [(decode(mask) != 0).astype(np.uint8).transpose(order) for mask in cut]
    images: list[Any] = [sitk.GetImageFromArray(np.ascontiguousarray(array)) for array in arrays]
    library: Any = sitk
    probability = library.GetArrayFromImage(library.STAPLE(images, 1.0))
    inside = (probability > 0.5).transpose(np.argsort(order))
    return uncrop(encode(inside, cut[0].grid.affine, axes=like.axes), like, box)
