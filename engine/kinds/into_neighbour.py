"""Parts become the listed neighbour that they touch most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit, EditParts, edit_to, together
from vesalius.engine.judging.part_contacts import part_contacts
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.roles import Connectivity, Millilitres, Neighbours
from vesalius.engine.plan.step import Repair
from vesalius.engine.runs.labelmap import Labels


@dataclass(frozen=True)
class IntoNeighbour(Repair):
    """The part becomes a neighbour it touches: the one with most shared faces among those listed.

    `neighbours` maps a label to candidates; of those touched equally the first listed is taken.
    Voxels at fault are passed over. Parts below `at_least_ml`, and parts that touch no candidate,
    go to `rest`.
    """

    neighbours: Neighbours
    at_least_ml: Millilitres
    connectivity: Connectivity
    rest: Repair


def edit_into_neighbour(
    repair: IntoNeighbour, faults: Faults, context: Context, edit: EditParts
) -> Edit:
    """Give every part to the candidate that it touches most; small and lone ones to the rest.

    A part's candidates are those of its main label. Of candidates that it touches equally the
    one listed first is taken.

    Parameters
    ----------
    repair : IntoNeighbour
        Candidates and limits.
    faults : Faults
        The parts.
    context : Context
        The map.
    edit : callable
        Repairs the rest.
    """
    candidates = dict(repair.neighbours)
    found = part_contacts(faults, context.known, repair.connectivity)
    best: dict[int, tuple[int, int, int]] = {}
    main: Labels = faults.label
    for part, label, faces in zip(*(column.tolist() for column in found), strict=True):
        listed = candidates.get(int(main[part]), ())
        if label in listed:
            rank = (-faces, listed.index(label), label)
            best[part] = min(rank, best.get(part, rank))
    small = context.below_ml(faults.voxels, repair.at_least_ml)
    given = np.array([at in best and not small[at] for at in range(len(faults))], dtype=bool)
    edits = []
    if given.any():
        new_label = [best[at][2] for at in np.flatnonzero(given).tolist()]
        edits.append(edit_to(faults.only(given), new_label))
    if not given.all():
        edits.append(edit(repair.rest, faults.only(~given), context))
    return together(edits)
