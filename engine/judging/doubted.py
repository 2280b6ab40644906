"""Voxels that cannot be believed: no repair touches them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.faults import Faults
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.sweeps import refine


@dataclass(frozen=True, eq=False)
class Doubted:
    """Voxels that come from what is doubted as a whole.

    Parameters
    ----------
    voxels : LabelMap
        Label 1 where it painted what the map had before any step.
    labels : tuple of int
        What is painted there.
    names : tuple of str
        What is called that which is doubted.
    """

    voxels: LabelMap
    labels: tuple[int, ...]
    names: tuple[str, ...]

    def touches(self, faults: Faults) -> NDArray[np.bool_]:
        """Tell which parts have a voxel of it, shape (number of parts,).

        A part of background does, if it is to become what is doubted.
        """
        found = np.zeros(len(faults), dtype=bool)
        if faults.target is not None:
            found = (faults.label == 0) & np.isin(faults.target, self.labels)
        # Parts as labels: runs of one label may touch without being one part.
        runs = faults.runs
        swept = refine([runs, self.voxels])
        both = np.flatnonzero((swept.labels[:, 0] != 0) & (swept.labels[:, 1] != 0))
        row = np.searchsorted(runs.start, swept.start[both], side="right") - 1
        found[faults.part[row]] = True
        return found


def believed(faults: Faults | None, doubted: Doubted | None) -> Faults | None:
    """Give the parts that may be repaired; None where there are none.

    Parameters
    ----------
    faults : Faults or None
        Parts at fault.
    doubted : Doubted or None
        What no repair may touch.
    """
    if faults is None or doubted is None:
        return faults
    touched = doubted.touches(faults)
    if not touched.any():
        return faults
    return None if touched.all() else faults.only(~touched)
