"""`agrees`: sides and order do not depend on how they are measured."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Connectivity
from vesalius.rules.places.directions import DIRECTIONS, Direction
from vesalius.rules.places.relation_models import Text


class Agreement(Form):
    """Which measurements must agree."""

    anchor: Text
    direction: Direction
    expected: Annotated[int, Field(ge=2)]
    connectivity: Connectivity = 6
    sides: bool = Field(True, description="Sides by the plane and by the outermost point.")
    order: bool = Field(True, description="Order by the median and by the lowest point.")

    @model_validator(mode="after")
    def _something(self) -> Agreement:
        if not (self.sides or self.order):
            kind, message = "nothing_agrees", "needs `sides` or `order`"
            raise PydanticCustomError(kind, message)
        return self


class AgreesExpect(Form):
    """Sides and order of components do not depend on how they are measured."""

    agrees: Agreement


def lower(form: AgreesExpect, context: Lowering) -> Lowered:
    """Give the agreement of two ways to measure sides and order."""
    labels, agreement = context.judged(), form.agrees
    plane = context.sided_plane(agreement.anchor, "expect", "agrees", "anchor")
    if plane is None or not labels:
        return ()
    return (
        eng.Agrees(
            labels=labels,
            anchor=plane[0],
            direction=DIRECTIONS[agreement.direction],
            expected=agreement.expected,
            connectivity=agreement.connectivity,
            sides=agreement.sides,
            order=agreement.order,
        ),
    )


AGREES = Expectation(
    key="agrees",
    form=AgreesExpect,
    lower=lower,
    written="`{agrees: {anchor, direction, expected, sides, order}}`",
    holds="can be trusted: two ways to measure give the same sides and order",
    sentences={
        "order": "in another order by their middles ({median_step_mm}) than by their ends"
        " ({minimum_step_mm})",
        "side": "on another side by their middles than by their ends",
    },
)
