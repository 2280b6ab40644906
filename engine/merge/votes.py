"""Masks of several sources put together: where how many of them agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.build import join
from vesalius.engine.runs.labelmap import LabelMap, Positions
from vesalius.engine.runs.sweeps import refine


def has_majority(
    votes: NDArray[np.integer], voters: NDArray[np.integer] | int
) -> NDArray[np.bool_]:
    """Tell where more than half of those who may vote do; half is no majority."""
    return np.asarray(2 * votes.astype(np.int64) > voters)


@dataclass(frozen=True, eq=False)
class Votes:
    """Stretches of voxels with what each mask says there.

    Parameters
    ----------
    like : LabelMap
        Gives grid and axes.
    start, stop : ndarray of int, shape (n,)
        Flat positions of the stretches; in each at least one mask has a label.
    inside : ndarray of bool, shape (n, k)
        Which of the masks have one.
    """

    like: LabelMap
    start: Positions
    stop: Positions
    inside: NDArray[np.bool_]

    @property
    def for_it(self) -> NDArray[np.int64]:
        """How many masks have a label, shape (n,)."""
        return np.asarray(self.inside.sum(axis=1, dtype=np.int64))

    def majority(self) -> LabelMap:
        """Return label 1 where more than half of the masks have one."""
        chosen = has_majority(self.for_it, self.inside.shape[1])
        return join(self.like, self.start, self.stop, chosen.astype(np.uint16))

    def against(self) -> LabelMap:
        """Return by voxel how many masks differ from most: the smaller of both parties."""
        votes = self.for_it
        fewer = np.minimum(votes, self.inside.shape[1] - votes)
        return join(self.like, self.start, self.stop, fewer.astype(np.uint16))

    def common(self) -> NDArray[np.int64]:
        """Count the voxels that each two masks have in common, shape (k, k); exact."""
        weights = (self.stop - self.start).astype(np.int64)
        inside = self.inside.astype(np.int64)
        return np.asarray((inside * weights[:, np.newaxis]).T @ inside)


def count_votes(masks: Sequence[LabelMap]) -> Votes:
    """Put masks together.

    Parameters
    ----------
    masks : sequence of LabelMap
        At least one, all of one grid and one axes order; every label counts as inside.
    """
    start, stop, labels = refine(masks)
    return Votes(masks[0], start, stop, labels != 0)
