"""Parts go only where their surface proves what they are; all others stay, and are told of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.bodies import Bodies
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.edits import Edit, edit_to
from vesalius.engine.judging.part_contacts import FIRST_PART, part_contacts
from vesalius.engine.judging.verdict import Faults
from vesalius.engine.plan.roles import (
    AndBackground,
    AnyLabelBut,
    LabelsAmong,
    Limits,
    Millimetres,
    Share,
    Times,
)
from vesalius.engine.plan.step import Repair
from vesalius.engine.runs.distinct import among, distinct


@dataclass(frozen=True)
class IntoOwner(Repair):
    """The part becomes the label that owns it, if one does; else it stays as it is.

    The owner is the label that shares most faces with the part, if these are at least `share` of
    all faces of the part and at least `times_next` as many as any other label has. Labels of
    `never` and `ground`, background and the part's own labels own nothing, but their faces count
    among all; voxels at fault have none.

    The body of a part are the voxels of its label that are not at fault. A part goes to its owner
    if it is further than `apart_mm` of its label (by voxel centres; 0 where that is not listed)
    from its body, or has none. A crumb, a part of at most `crumb_ml` of its label that is further
    than `crumb_mm` from its body, becomes that with which it shares most faces, of `ground` and
    background too; own labels and those of `never` are passed over.
    """

    share: Share
    times_next: Times = 1.0
    apart_mm: Limits = ()
    crumb_ml: Limits = ()
    crumb_mm: Millimetres = 0.0
    ground: LabelsAmong = ()
    never: AnyLabelBut = ()
    background: AndBackground = True  # crumbs may become it


def edit_into_owner(repair: IntoOwner, faults: Faults, context: Context) -> Edit:
    """Give parts to their owners, and crumbs to what is around them; say why the others stay.

    Of labels that share equally many faces the smallest is taken, background before all others.
    """
    owner, around = _owners(repair, faults, context)
    apart, crumb_ml = dict(repair.apart_mm), dict(repair.crumb_ml)
    limit_ml = np.array([crumb_ml.get(int(label), 0.0) for label in faults.label])
    small = ~context.above_ml(faults.voxels, limit_ml)
    bodies = Bodies(faults, context)
    crumb = small & ~bodies.near(small, repair.crumb_mm)
    apart_mm = np.array([apart.get(int(label), 0.0) for label in faults.label])
    near = bodies.near(~crumb, apart_mm)
    goes = crumb | (~near & (owner != 0))
    new_label = np.where(goes, np.where(crumb, around, owner), 0)
    return edit_to(faults, new_label, ~goes, _why(int(near.sum()), int((~goes & ~near).sum())))


def _owners(
    repair: IntoOwner, faults: Faults, context: Context
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the owner of each part, 0 for none, and what it shares most faces with."""
    found = part_contacts(faults, context.known, 6)
    n = len(faults)
    all_faces = np.zeros(n, dtype=np.int64)
    np.add.at(all_faces, found.part, found.faces)
    own = distinct(faults.part.astype(np.int64) * FIRST_PART + faults.runs.label)
    passed = np.isin(found.label, repair.never)
    passed |= among(found.part * FIRST_PART + found.label, own)
    if not repair.background:
        passed |= found.label == 0
    ground = (found.label == 0) | np.isin(found.label, repair.ground)
    first, second = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    owner, around = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    # From few faces to many, so that the last entry of each part is the one with most.
    for at in np.lexsort((-found.label, found.faces)).tolist():
        part, label = int(found.part[at]), int(found.label[at])
        if passed[at]:
            continue
        around[part] = label
        if not ground[at]:
            second[part], first[part], owner[part] = first[part], found.faces[at], label
    broad = (first >= repair.share * all_faces) & (first >= repair.times_next * second)
    return np.where(broad, owner, 0), around


def _why(near: int, unproven: int) -> str:
    """Say why parts stay; empty where none does."""
    words = []
    if near:
        words.append(f"{_parts(near)} lie{'s' * (near == 1)} near the body and may belong to it")
    if unproven:
        words.append(f"nothing proves what {_parts(unproven)} {'is' if unproven == 1 else 'are'}")
    return "; ".join(words)


def _parts(number: int) -> str:
    return f"{number} part{'' if number == 1 else 's'}"
