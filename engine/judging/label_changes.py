"""What changes mean for each label by itself, and numbers that tell its states apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.changes import Changes
from vesalius.engine.runs.labelmap import Positions


@dataclass(frozen=True, eq=False)
class LabelChange:
    """Voxels that one label gained and lost.

    Parameters
    ----------
    label : int
        The label, 0 for background.
    start, stop : ndarray of int32 or int64, shape (n,)
        Flat positions, ascending.
    gained : ndarray of bool, shape (n,)
        Whether it gained each stretch; else it lost it.
    """

    label: int
    start: Positions
    stop: Positions
    gained: NDArray[np.bool_]

    @property
    def voxels(self) -> int:
        """How many more voxels it has."""
        lengths = self.stop.astype(np.int64) - self.start
        return int(lengths[self.gained].sum() - lengths[~self.gained].sum())

    @property
    def digest(self) -> bytes:
        """What tells it from other changes."""
        said = hashlib.blake2b(digest_size=16)
        for column in (self.start.astype(np.int64), self.stop.astype(np.int64), self.gained):
            said.update(column.tobytes())
        return said.digest()


def by_label(found: Changes) -> Iterator[LabelChange]:
    """Yield what each label gained and lost, ascending, with background where it did."""
    rows = np.arange(found.start.size, dtype=np.int64)
    # Label, stretch and whether it was gained in one word.
    lost = found.source.astype(np.int64) << 40 | rows << 1
    gained = found.target.astype(np.int64) << 40 | rows << 1 | 1
    words = np.sort(np.concatenate((lost, gained)))
    labels = words >> 40
    bounds = np.flatnonzero(np.diff(labels, prepend=-1))
    for begin, end in zip(bounds.tolist(), [*bounds[1:].tolist(), words.size], strict=False):
        own = words[begin:end]
        at = (own & ((1 << 40) - 1)) >> 1
        gains = (own & 1).astype(bool)
        yield LabelChange(int(labels[begin]), found.start[at], found.stop[at], gains)


@dataclass(frozen=True, eq=False)
class Versions:
    """Numbers of the states of labels: the same number, the same voxels.

    A label that is changed in the same way from the same state has the same state again.
    """

    _numbers: dict[tuple[int, int, bytes], int] = field(default_factory=dict)

    def after(self, versions: Mapping[int, int], change: LabelChange) -> int:
        """Return the number of a label after a change.

        Parameters
        ----------
        versions : mapping of int to int
            Number of each label before it, 0 of those that are not named.
        change : LabelChange
            The change.
        """
        key = change.label, versions.get(change.label, 0), change.digest
        return self._numbers.setdefault(key, len(self._numbers) + 1)
