"""`contiguous`: no gap in a sequence."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Cut, Members, Moved, Share, moved_keys


class SparedMembers(Cut):
    """What may be missing, and what is not counted."""

    specks: Share = Field(
        default("contiguous_speck_share"),
        description="What has less of the median volume of the members is not counted.",
    )


class Room(Form):
    """How far members that follow each other may be apart."""

    at_most: Annotated[float, Field(gt=1)] = Field(
        description="In steps: the median of this one and of those around it."
    )
    around: Annotated[int, Field(ge=1)] = Field(
        int(default("contiguous_around")), description="So many steps on each side count."
    )


class ContiguousExpect(Form):
    """Between the first and the last member that is present none is missing."""

    contiguous: Members
    may_lack: Any = Field(None, description="Structures that some patients do not have.")
    spare: SparedMembers = Field(
        SparedMembers(),
        description="With `cut`: a gap between two that the scan cuts; `specks` are not counted.",
    )
    room: Room | None = Field(
        None, description="Members that follow each other leave no room for another one."
    )

    moved: ClassVar[Moved] = moved_keys("skip_cut")


def lower(form: ContiguousExpect, context: Lowering) -> Lowered:
    """Give the sequence, and which of it may be missing."""
    family = context.scope.family(form.contiguous, context.path("expect", "contiguous"))
    if family is None:
        return ()
    labels = context.labels(family.members)
    lack = form.may_lack
    may_lack = () if lack is None else context.select(lack, "expect", "may_lack")
    known = context.table.labels
    optional = tuple(known[name] for name in family.variants if name in known)
    optional += tuple(label for label in labels if label in may_lack and label not in optional)
    if len(labels) < 3:
        return ()
    spare, room = form.spare, form.room
    least = eng.Contiguous(labels, optional, spare.cut, speck_share=spare.specks)
    if room is None:
        return (least,)
    return (replace(least, room_at_most=room.at_most, around=room.around),)


CONTIGUOUS = Expectation(
    key="contiguous",
    form=ContiguousExpect,
    lower=lower,
    written="`{contiguous: SEQ, may_lack: SELECTOR, spare: {cut, specks}, room: {at_most: 1.6}}`",
    holds="no gap, and with `room` none between neighbours either; variants and what some patients"
    " lack may be missing",
    takes_for=False,
    sentences={
        "gap": "missing between neighbours that are there",
        "room": "{step_mm} apart, with room for another between them; at most {at_most_mm}"
        " expected",
    },
)
