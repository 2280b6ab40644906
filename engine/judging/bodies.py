"""What is left of a label besides the parts at fault, and which parts lie near to it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import Faults, take_runs
from vesalius.engine.judging.part_contacts import every_fault
from vesalius.engine.runs.distance import parts_within_mm
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.repaint import repaint


class Bodies:
    """The voxels of each label that are not at fault.

    Parameters
    ----------
    faults : Faults
        The parts.
    context : Context
        The map that they are in.
    """

    def __init__(self, faults: Faults, context: Context) -> None:
        self._faults, self._context = faults, context

    @cached_property
    def _left(self) -> LabelMap:
        whole = self._context.part(distinct(self._faults.label).tolist())
        mask = every_fault(self._faults)
        return repaint(whole, mask.start, mask.stop, np.zeros_like(mask.label)).labelmap

    def near(self, asked: NDArray[np.bool_], gap_mm: ArrayLike) -> NDArray[np.bool_]:
        """Tell which parts come within a distance of the body of their label.

        Parameters
        ----------
        asked : ndarray of bool, shape (number of parts,)
            The parts that are asked for.
        gap_mm : array_like of float, shape () or (number of parts,)
            Distance of the nearest voxel centres, included.

        Returns
        -------
        ndarray of bool, shape (number of parts,)
            False for those that are not asked for.
        """
        faults = self._faults
        gaps = np.broadcast_to(np.asarray(gap_mm, dtype=np.float64), asked.shape)
        near = np.zeros(asked.size, dtype=bool)
        for gap in distinct(gaps[asked]).tolist():
            rows = np.flatnonzero((asked & (gaps == gap))[faults.part])
            part, left = faults.part[rows], self._left
            own = take_runs(faults.runs, rows)
            label = faults.label[part]
            near |= parts_within_mm(own, part, len(faults), left, gap, label, left.label)
        return near
