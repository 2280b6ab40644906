"""`touches`: each structure comes near one of some others."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Length, StepsAtMost, check_one_of


class TouchesExpect(Form):
    """Each structure comes near one of some others."""

    touches: Any
    gap_mm: Length | None = Field(
        None,
        description="Distance of the nearest voxel centres. Without it they share a face, an edge"
        " or a corner: the diagonal of a voxel.",
    )
    gap: StepsAtMost | None = Field(
        None, description="The distance in usual steps of the patient, instead of `gap_mm`."
    )

    @model_validator(mode="after")
    def _one_gap(self) -> TouchesExpect:
        check_one_of(self, "gap_mm", "gap")
        return self


def lower(form: TouchesExpect, context: Lowering) -> Lowered:
    """Give what must be near what."""
    labels, others = context.judged(), context.select(form.touches, "expect", "touches")
    if not labels or not others:
        return ()
    if form.gap is None:
        return (eng.Touching(labels, others, form.gap_mm),)
    unit = context.usual(form.gap.median_of, "expect", "gap", "median_of")
    return (eng.Touching(labels, others, gap_steps=form.gap.at_most, unit=unit),)


TOUCHES = Expectation(
    key="touches",
    form=TouchesExpect,
    lower=lower,
    written="`{touches: SELECTOR, gap_mm: 15}`, `{touches: SELECTOR, gap: {median_of: SEQ,"
    " at_most: 1.5}}`",
    holds="each comes so near to one of these; without a gap voxels share a face, an edge or a"
    " corner",
    repairs=MOVES,
    sentences={
        "too far away": "{mm} away, at most {at_most_mm} expected",
        "does not touch": "{mm} away, expected to touch (within the diagonal of a voxel)",
    },
)
