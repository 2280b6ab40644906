"""Repairs that look at what a part touches."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.contacts import group_contacts
from vesalius.engine.context import Context
from vesalius.engine.labelmap import LabelMap, Labels
from vesalius.engine.repair.edit import Edit, edit_to, together
from vesalius.engine.setops import refine
from vesalius.engine.steps import Destination, IntoNeighbour, IntoSurrounding
from vesalius.engine.verdict import Faults, take_runs

EditParts = Callable[[Destination, Faults, Context], Edit]

# Groups from here on are parts; those below are labels, 0 background.
_FIRST_PART = 1 << 16


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


def part_contacts(faults: Faults, work: LabelMap, connectivity: int) -> PartContacts:
    """Count what each part touches; other parts at fault are passed over.

    Parameters
    ----------
    faults : Faults
        The parts.
    work : LabelMap
        The map that they are in.
    connectivity : int
        6 counts faces, 18 edges as well, 26 corners as well.
    """
    at_fault = faults.runs if faults.all_runs is None else faults.all_runs
    scene = refine([_near(work, faults.runs), _ones(at_fault), _ones(faults.runs)])
    # Labels stay, faults become parts, and faults that are not among the parts one more group.
    group = scene.labels[:, 0].astype(np.int64)
    group[scene.labels[:, 1] > 0] = _FIRST_PART + len(faults)
    ours = np.flatnonzero(scene.labels[:, 2])
    run = np.searchsorted(faults.runs.stop, scene.start[ours], side="right")
    group[ours] = _FIRST_PART + faults.part[run]
    flat = LabelMap(
        work.grid, work.axes, scene.start, scene.stop, np.ones(group.size, dtype=np.uint16)
    )
    found = group_contacts(flat, group, connectivity)
    is_part = (found.b >= _FIRST_PART) & (found.b < _FIRST_PART + len(faults))
    kept = np.flatnonzero(is_part & (found.a < _FIRST_PART))
    part, label, faces = found.b[kept] - _FIRST_PART, found.a[kept], found.faces[kept]
    order = np.lexsort((label, part))
    return PartContacts(part[order], label[order], faces[order])


def _ones(runs: LabelMap) -> LabelMap:
    """Return the same runs with label 1."""
    ones = np.ones(len(runs), dtype=np.uint16)
    return LabelMap(runs.grid, runs.axes, runs.start, runs.stop, ones)


def _near(work: LabelMap, runs: LabelMap) -> LabelMap:
    """Return the runs of a map in the lines of some runs and in the lines next to those."""
    line, middle, slow = work.shape_in_memory
    wanted = np.zeros((slow + 2, middle + 2), dtype=bool)
    row = np.unique(runs.start // line)
    at_slow, at_middle = np.divmod(row, middle)
    for step_slow in range(3):
        for step_middle in range(3):
            wanted[at_slow + step_slow, at_middle + step_middle] = True
    inner = wanted[1:-1, 1:-1].reshape(-1)
    return take_runs(work, inner[work.start // line])


def edit_into_surrounding(destination: IntoSurrounding, faults: Faults, context: Context) -> Edit:
    """Give every part the label with which it shares most faces.

    Its own labels, voxels at fault and labels of `never` do not count. Of labels that share
    equally many faces the smallest is taken, the background after all others.
    """
    found = part_contacts(faults, context.work, 6)
    allowed = ~np.isin(found.label, destination.never)
    if not destination.background:
        allowed &= found.label != 0
    own = np.unique(faults.part.astype(np.int64) * _FIRST_PART + faults.runs.label)
    allowed &= ~np.isin(found.part * _FIRST_PART + found.label, own)
    part, label, faces = (column[allowed] for column in found)
    order = np.lexsort((label, label == 0, -faces, part))
    first = order[np.flatnonzero(np.diff(part[order], prepend=-1))]
    new_label = np.full(len(faults), destination.otherwise, dtype=np.int64)
    new_label[part[first]] = label[first]
    return edit_to(faults, new_label)


def edit_into_neighbour(
    destination: IntoNeighbour, faults: Faults, context: Context, edit: EditParts
) -> Edit:
    """Give every part to the candidate that it touches most; small and lone ones to the rest.

    A part's candidates are those of its main label. Of candidates that it touches equally the
    one listed first is taken.

    Parameters
    ----------
    destination : IntoNeighbour
        Candidates and limits.
    faults : Faults
        The parts.
    context : Context
        The map.
    edit : callable
        Repairs the rest.
    """
    candidates = dict(destination.neighbours)
    found = part_contacts(faults, context.work, destination.connectivity)
    best: dict[int, tuple[int, int, int]] = {}
    main: Labels = faults.label
    for part, label, faces in zip(*(column.tolist() for column in found), strict=True):
        listed = candidates.get(int(main[part]), ())
        if label in listed:
            rank = (-faces, listed.index(label), label)
            best[part] = min(rank, best.get(part, rank))
    small = context.below_ml(faults.voxels, destination.at_least_ml)
    given = np.array([at in best and not small[at] for at in range(len(faults))], dtype=bool)
    edits = []
    if given.any():
        new_label = [best[at][2] for at in np.flatnonzero(given).tolist()]
        edits.append(edit_to(faults.only(given), new_label))
    if not given.all():
        edits.append(edit(destination.rest, faults.only(~given), context))
    return together(edits)
