"""Parts become what they touch most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit, edit_to
from vesalius.engine.judging.part_contacts import FIRST_PART, part_contacts
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.roles import AndBackground, AnyLabelBut, LabelGiven
from vesalius.engine.plan.step import Repair
from vesalius.engine.runs.distinct import among, distinct


@dataclass(frozen=True)
class IntoSurrounding(Repair):
    """The part becomes the label with which it shares most faces, `otherwise` where there is none.

    Background counts as a label only where `background` says so; labels of `never`, the part's
    own labels and voxels at fault are passed over. Of labels with equally many faces the smallest
    is taken, background after all others.
    """

    otherwise: LabelGiven = 0
    background: AndBackground = False
    never: AnyLabelBut = ()


def edit_into_surrounding(repair: IntoSurrounding, faults: Faults, context: Context) -> Edit:
    """Give every part the label with which it shares most faces.

    Its own labels, voxels at fault and labels of `never` do not count. Of labels that share
    equally many faces the smallest is taken, the background after all others.
    """
    found = part_contacts(faults, context.known, 6)
    allowed = ~np.isin(found.label, repair.never)
    if not repair.background:
        allowed &= found.label != 0
    own = distinct(faults.part.astype(np.int64) * FIRST_PART + faults.runs.label)
    allowed &= ~among(found.part * FIRST_PART + found.label, own)
    part, label, faces = (column[allowed] for column in found)
    order = np.lexsort((label, label == 0, -faces, part))
    first = order[np.flatnonzero(np.diff(part[order], prepend=-1))]
    new_label = np.full(len(faults), repair.otherwise, dtype=np.int64)
    new_label[part[first]] = label[first]
    return edit_to(faults, new_label)
