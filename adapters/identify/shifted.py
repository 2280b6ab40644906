"""Whether integers are those of a scheme, all one too high or one too low.

A class list that begins at 1 where the scheme's begins at 0, or a background that was written as 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vesalius.adapters.identify.expected import Looks
from vesalius.adapters.identify.fit import LEAST_CHECKED, fit_of
from vesalius.adapters.identify.ranking import leads_clearly
from vesalius.adapters.identify.seen import Seen
from vesalius.ontology.scheme.scheme import Scheme

LEAST_AGREEMENT: Final = 0.8
"""So well the labels must look like what they are when they are moved, on average."""


@dataclass(frozen=True)
class Shift:
    """By how much integers are too high, and how well they fit when that is taken off.

    Parameters
    ----------
    by : int
        1 or -1.
    agreement : float
        0 to 1, over all labels.
    """

    by: int
    agreement: float

    def text(self) -> str:
        """Say it in words."""
        return f"its labels are one too {'high' if self.by > 0 else 'low'}"

    def hint(self) -> str:
        """Say how to mend it."""
        if self.by > 0:
            return "was the background written as 1? Then subtract 1 from every voxel that is not 0"
        return "does the first class begin at 0? Then add 1 to every voxel that is not background"


def shift_of(seen: Seen, scheme: Scheme, looks: Looks) -> Shift | None:
    """Tell by how much integers are off; None where they are not, or it cannot be told.

    Parameters
    ----------
    seen : Seen
        The labels of a file.
    scheme : Scheme
        What they are read with.
    looks : Looks
        What structures look like.
    """
    found = [shift for by in (1, -1) if (shift := _shift(seen, scheme, looks, by)) is not None]
    return max(found, key=lambda shift: shift.agreement, default=None)


def _shift(seen: Seen, scheme: Scheme, looks: Looks, by: int) -> Shift | None:
    # What would be background is no class.
    left = _without(seen, scheme.background + by)
    if not len(left):
        return None
    entries = tuple(replace(each, integer=each.integer + by) for each in scheme.entries)
    moved = fit_of(left, replace(scheme, entries=entries), looks)
    agreement = float(moved.agreement.mean())
    if None in moved.reading or moved.checked < LEAST_CHECKED or agreement < LEAST_AGREEMENT:
        return None
    if not leads_clearly(moved, fit_of(left, scheme, looks)):
        return None
    return Shift(by, agreement)


def _without(seen: Seen, integer: int) -> Seen:
    kept = np.asarray([each != integer for each in seen.integer], dtype=np.bool_)
    if kept.all():
        return seen
    return replace(
        seen,
        integer=tuple(each for each in seen.integer if each != integer),
        voxels=seen.voxels[kept],
        volume_ml=seen.volume_ml[kept],
        centre_mm=seen.centre_mm[kept],
        size_mm=seen.size_mm[kept],
        cut=seen.cut[kept],
    )
