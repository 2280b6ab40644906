"""`components`: so many connected pieces."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import (
    Connectivity,
    MeantPieces,
    Moved,
    SparedPieces,
    check_bounds,
    moved_keys,
)


class PieceCount(Form):
    """How many connected components are counted, and how."""

    at_most: Annotated[int, Field(ge=1)] | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None
    together: bool = Field(False, description="Count the structures as if they were one.")
    connectivity: Connectivity = 6

    moved: ClassVar[Moved] = moved_keys(
        "share_of_largest",
        "touching_share",
        "spare_near_mm",
        "spare_lone",
        "spare_border_mm",
        "ignore_below_ml",
    )

    @model_validator(mode="after")
    def _a_range(self) -> PieceCount:
        check_bounds(self.at_least, self.at_most)
        return self


class ComponentsExpect(Form):
    """Each structure has so many connected components."""

    components: PieceCount
    only: MeantPieces = Field(MeantPieces(), description="Which of the others may not be there.")
    spare: SparedPieces = Field(SparedPieces(), description="Which of the others may be there.")

    @property
    def finds_all(self) -> bool:
        """Whether what is found is all that there is beyond the largest, but for small ones."""
        written = self.only.model_fields_set | self.spare.model_fields_set
        return written <= {"smaller_than_ml"}


def lower(form: ComponentsExpect, context: Lowering) -> Lowered:
    """Give the number of pieces."""
    labels, limits, spare = context.judged(), form.components, form.spare
    if not labels:
        return ()
    shares, touches = form.only.share_of_largest, form.only.touches
    near = context.near(spare.near, "expect", "spare")
    return (
        eng.Pieces(
            labels=labels,
            at_most=limits.at_most,
            at_least=limits.at_least,
            joint=limits.together,
            connectivity=limits.connectivity,
            ignore_below_ml=spare.smaller_than_ml,
            at_least_share=(shares.at_least or 0.0) if shares else 0.0,
            at_most_share=shares.at_most if shares else None,
            spare_near_mm=spare.near.mm if spare.near and not near else 0.0,
            spare_lone=spare.lone,
            spare_border_mm=spare.border_mm,
            touching_share=touches.share if touches else 0.0,
            spare_near_to=near,
        ),
    )


def unmendable(form: ComponentsExpect) -> str | None:
    """Say why no repair mends a count; None where one does."""
    few = form.components.at_most is None
    return "no repair makes more components; it goes with `at_most`" if few else None


COMPONENTS = Expectation(
    key="components",
    form=ComponentsExpect,
    lower=lower,
    written="`{components: {at_most, at_least, together, connectivity}, only: {share_of_largest,"
    " touches}, spare: {smaller_than_ml, cut, near, lone}}`",
    holds="so many pieces; `only` and `spare` say which of the others are meant",
    repairs=(*MOVES, "keep", "give_fragments_to_neighbour"),
    unmendable=unmendable,
    sentences={
        "another piece": "{place} piece{of_pieces}",
        "too few pieces": "{pieces} pieces, at least {at_least} expected",
    },
)
