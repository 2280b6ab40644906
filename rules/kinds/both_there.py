"""`both_there`: of a pair both are there, where the scan shows both places."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.places.relation_models import Text


class BothThereExpect(Form):
    """Where one of a pair is whole, and the scan shows the place of the other, it is there too."""

    both_there: Text
    fewest_voxels: Annotated[int, Field(ge=0)] = Field(
        0, description="Of one with fewer voxels nothing is said: it may be a stray."
    )


def lower(form: BothThereExpect, context: Lowering) -> Lowered:
    """Give the pairs, and the plane between them."""
    plane = context.sided_plane(form.both_there, "expect", "both_there")
    pairs = context.paired("for")
    if plane is None or not pairs:
        return ()
    return (eng.BothThere(pairs, plane[0], form.fewest_voxels),)


BOTH_THERE = Expectation(
    key="both_there",
    form=BothThereExpect,
    lower=lower,
    written="`{both_there: midline, fewest_voxels}`",
    holds="of each pair both are there, where one is whole and the scan shows the mirror image of"
    " its box",
    sentences={"not there": "is not there, its mirror is, and the scan shows its place"},
)
