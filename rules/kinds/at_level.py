"""`at_level`: each structure lies on a side of the member of a sequence at its own level."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Length, Members, Share
from vesalius.rules.places.directions import DIRECTIONS, Direction
from vesalius.rules.places.regions import DIRECTION_OF

Lies = Literal["above", "below", "left_of", "right_of", "in_front_of", "behind"]
AT: Final = ("expect", "at_level")


class Level(Form):
    """Of what, and where from it."""

    of: Members = Field(description="A sequence, or a list of structures.")
    lies: Lies = Field(description="Where it must lie from the centre of what is at its level.")
    reach_mm: Length = Field(
        description="At the level of one is what is so near to its centre, as measured along the"
        " sequence."
    )
    direction: Direction | None = Field(
        None, description="Along what to measure; by default along the sequence."
    )
    least_share: Share = Field(
        default("at_level_least_share"),
        description="A member with less than this share of the voxels of a usual one is a"
        " fragment, and has no level.",
    )


class AtLevelExpect(Form):
    """At least a share of each structure lies on a side of what is at its own level."""

    at_level: Level
    share: Share = 1.0


def lower(form: AtLevelExpect, context: Lowering) -> Lowered:
    """Give what is judged, the members, and both directions."""
    level = form.at_level
    family = context.scope.family(level.of, context.path(*AT, "of"))
    if family is None:
        return ()
    along = DIRECTIONS[level.direction] if level.direction else family.direction
    if along is None:
        context.no_direction(*AT, key=True)
        return ()
    labels, members = context.judged(), context.labels(family.members)
    if not labels or not members:
        return ()
    direction = DIRECTIONS[DIRECTION_OF[level.lies]]
    return (
        eng.AtLevel(
            labels, members, along, direction, level.reach_mm, form.share, level.least_share
        ),
    )


AT_LEVEL = Expectation(
    key="at_level",
    form=AtLevelExpect,
    lower=lower,
    written="`{at_level: {of: SEQ, lies: in_front_of, reach_mm: 15}, share: 0.9}`",
    holds="a share of it lies above, below, left_of, right_of, in_front_of or behind the member of"
    " a sequence that is at its own level",
    repairs=MOVES,
    sentences={
        "on another side": "{share} of it on that side of what is at its level, at least"
        " {at_least} expected"
    },
    more="Where the spine is bent, a level or a plane is far from most of it; what is at the same"
    " level is near. What of a structure is at the level of none is not judged, and a member that"
    " the border of the scan cuts, or a fragment, has no level.",
)
