"""`give_fragments_to_neighbour`: pieces go to the neighbour in a sequence that they touch."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.destination import Destination, lower_destination
from vesalius.rules.kinds.keep import FOR_PIECES
from vesalius.rules.kinds.kind import Repair
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Connectivity, Members, Moved, SmallerThan, moved_keys

Neighbours = list[tuple[int, tuple[int, ...]]]
"""Labels, each with those that may take its fragments, nearest first."""


class Fragments(Form):
    """Which neighbours may take a fragment."""

    sequence: Members = Field(description="A sequence, a list of structures, or `mirror`.")
    spare: SmallerThan = Field(SmallerThan(), description="What no neighbour takes.")
    connectivity: Connectivity = 6
    rest: Destination

    moved: ClassVar[Moved] = moved_keys("at_least_ml")


class FragmentsRepair(Form):
    """Fragments go to the neighbour they touch."""

    give_fragments_to_neighbour: Fragments


def lower(form: FragmentsRepair, context: Lowering) -> eng.Repair | None:
    """Give the neighbours of each label."""
    fragments = form.give_fragments_to_neighbour
    at = ("repair", "give_fragments_to_neighbour")
    rest = lower_destination(fragments.rest, context, *at, "rest")
    judged = context.judged()
    if fragments.sequence == "mirror":
        neighbours: Neighbours = []
        for left, right in context.paired("for"):
            neighbours += [(left, (right,)), (right, (left,))]
    else:
        family = context.scope.family(fragments.sequence, context.path(*at, "sequence"))
        if family is None:
            return None
        neighbours = _in_sequence(family.members, family.variants, context)
    kept = tuple((label, near) for label, near in neighbours if label in judged and near)
    if rest is None or not kept:
        return None
    return eng.IntoNeighbour(kept, fragments.spare.smaller_than_ml, fragments.connectivity, rest)


def _in_sequence(
    members: tuple[str, ...], variants: tuple[str, ...], context: Lowering
) -> Neighbours:
    known = context.table.labels
    neighbours: Neighbours = []
    for position, name in enumerate(members):
        near = [
            *_until_usual(members[:position][::-1], variants),
            *_until_usual(members[position + 1 :], variants),
        ]
        if name in known:
            found = tuple(known[other] for other in near if other in known)
            neighbours.append((known[name], found))
    return neighbours


def _until_usual(names: tuple[str, ...], variants: tuple[str, ...]) -> list[str]:
    """Give the next usual member and the variants before it, which a patient may lack."""
    found: list[str] = []
    for name in names:
        found.append(name)
        if name not in variants:
            break
    return found


GIVE_FRAGMENTS_TO_NEIGHBOUR = Repair(
    key="give_fragments_to_neighbour",
    form=FragmentsRepair,
    lower=lower,
    written="`{give_fragments_to_neighbour: {sequence: SEQ | mirror, spare: {smaller_than_ml},"
    " rest: DEST}}`",
    does="pieces go to the neighbour that they touch",
    misfit=FOR_PIECES,
)
