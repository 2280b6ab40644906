"""`ordered`: the centres of a sequence, or of each pair of mirrors, advance along a direction."""

from __future__ import annotations

from typing import ClassVar, Final

from pydantic import Field, model_validator

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import (
    Bounds,
    CutAtEnds,
    Length,
    Members,
    Moved,
    StepBounds,
    check_one_of,
    moved_keys,
)
from vesalius.rules.places.directions import DIRECTIONS, Direction, Vector

MIRROR: Final = "mirror"


class OrderedExpect(Form):
    """The centres of a sequence advance along a direction; or of each right and left structure."""

    ordered: Members = Field(description="A sequence, a list of structures, or `mirror`.")
    direction: Direction | None = Field(
        None, description="By default the direction of the sequence."
    )
    step_mm: Bounds | None = Field(None, description="Range of the step between neighbours.")
    step: StepBounds | None = Field(
        None, description="The range in usual steps of the patient, instead of `step_mm`."
    )
    tolerance_mm: Length = Field(0.0, description="A step back of this length is no fault.")
    spare: CutAtEnds = Field(CutAtEnds(), description="What is left out.")

    moved: ClassVar[Moved] = moved_keys("skip_cut")

    @model_validator(mode="after")
    def _one_step(self) -> OrderedExpect:
        check_one_of(self, "step_mm", "step")
        return self


def is_mirror(form: OrderedExpect) -> bool:
    """Tell whether pairs of `for` are judged, and no sequence."""
    return form.ordered == MIRROR


def lower(form: OrderedExpect, context: Lowering) -> Lowered:
    """Give the order of a sequence, or of each pair: left of its right one, or as written."""
    if is_mirror(form):
        direction = DIRECTIONS[form.direction or "left"]
        pairs = context.paired("for")
        return tuple(_in_order((right, left), direction, form, context) for left, right in pairs)
    family = context.scope.family(form.ordered, context.path("expect", "ordered"))
    if family is None:
        return ()
    along = DIRECTIONS[form.direction] if form.direction else family.direction
    if along is None:
        context.no_direction("expect", "ordered")
        return ()
    labels = context.labels(family.members)
    return (_in_order(labels, along, form, context),) if len(labels) > 1 else ()


def _in_order(
    labels: tuple[int, ...], direction: Vector, form: OrderedExpect, context: Lowering
) -> eng.Ordered:
    step, steps = form.step_mm, form.step
    return eng.Ordered(
        labels=labels,
        direction=direction,
        tolerance_mm=form.tolerance_mm,
        at_least_mm=step.at_least if step else None,
        at_most_mm=step.at_most if step else None,
        skip_cut=bool(form.spare.cut),
        any_face=form.spare.cut == "any_face",
        at_least_steps=steps.at_least if steps else None,
        at_most_steps=steps.at_most if steps else None,
        unit=_unit(form, context),
    )


def _unit(form: OrderedExpect, context: Lowering) -> tuple[int, ...]:
    """Give the labels whose usual step is the unit."""
    if form.step is None:
        return ()
    if form.step.median_of is None:
        return context.usual(form.ordered, "expect", "ordered")
    return context.usual(form.step.median_of, "expect", "step", "median_of")


ORDERED = Expectation(
    key="ordered",
    form=OrderedExpect,
    lower=lower,
    written=r"`{ordered: SEQ, direction, step_mm: {...}, tolerance_mm, spare: {cut}}`",
    holds="centres advance; `ordered: mirror` is left of right for each pair of `for`; `step:"
    " {at_least: 0.5}` instead of `step_mm` counts in usual steps of the patient",
    takes_for=is_mirror,
    sentences={
        "out of order": "out of order by {|step_mm|}",
        "too small a step": "{step_mm} apart, at least {at_least_mm} expected",
        "too large a step": "{step_mm} apart, at most {at_most_mm} expected",
    },
)
