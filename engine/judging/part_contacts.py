"""What the parts at fault touch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.labelwise import Labelwise
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.runs.contacts import group_contacts
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.near import near_lines
from vesalius.engine.runs.sweeps import refine

# Groups from here on are parts; those below are labels, 0 background.
FIRST_PART = 1 << 16


class PartContacts(NamedTuple):
    """Voxel neighbours that parts share with what is not at fault.

    Parameters
    ----------
    part, label : ndarray of int64, shape (n,)
        A part and a label it touches, sorted; 0 is background. The outside of the grid counts
        as nothing.
    faces : ndarray of int64, shape (n,)
        Number of neighbouring voxel pairs.
    """

    part: NDArray[np.int64]
    label: NDArray[np.int64]
    faces: NDArray[np.int64]


def part_contacts(faults: Faults, known: Labelwise, connectivity: int) -> PartContacts:
    """Count what each part touches; other parts at fault are passed over.

    Parameters
    ----------
    faults : Faults
        The parts.
    known : Labelwise
        The map that they are in.
    connectivity : int
        6 counts faces, 18 edges as well, 26 corners as well.
    """
    near = known.near(lambda work: near_lines(work, faults.runs))
    scene = refine([near, every_fault(faults), _ones(faults.runs)])
    # Labels stay, faults become parts, and faults that are not among the parts one more group.
    group = scene.labels[:, 0].astype(np.int64)
    group[scene.labels[:, 1] > 0] = FIRST_PART + len(faults)
    ours = np.flatnonzero(scene.labels[:, 2])
    run = np.searchsorted(faults.runs.stop, scene.start[ours], side="right")
    group[ours] = FIRST_PART + faults.part[run]
    flat = LabelMap(
        near.grid, near.axes, scene.start, scene.stop, np.ones(group.size, dtype=np.uint16)
    )
    found = group_contacts(flat, group, connectivity)
    is_part = (found.b >= FIRST_PART) & (found.b < FIRST_PART + len(faults))
    kept = np.flatnonzero(is_part & (found.a < FIRST_PART))
    part, label, faces = found.b[kept] - FIRST_PART, found.a[kept], found.faces[kept]
    order = np.lexsort((label, part))
    return PartContacts(part[order], label[order], faces[order])


def every_fault(faults: Faults) -> LabelMap:
    """Return the voxels of all parts, also where these are only some of them, with label 1."""
    return _ones(faults.runs if faults.all_runs is None else faults.all_runs)


def _ones(runs: LabelMap) -> LabelMap:
    """Return the same runs with label 1."""
    ones = np.ones(len(runs), dtype=np.uint16)
    return LabelMap(runs.grid, runs.axes, runs.start, runs.stop, ones)
