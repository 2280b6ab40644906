"""`counted`: the pieces of two sequences carry the number of their place."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Connectivity, Length, Members, Share, check_needs
from vesalius.rules.places.directions import DIRECTIONS, Direction
from vesalius.rules.places.relation_models import Text


class Count(Form):
    """Two sequences whose members are numbered by their place."""

    left: Members
    right: Members
    anchor: Text
    by: Literal["mean", "median"] = "median"
    direction: Direction | None = Field(
        None, description="By default the direction of the sequences."
    )
    connectivity: Connectivity = 6
    clear_mm: Length | None = Field(
        None,
        description="Only where each component is a whole structure, no two are the same, and those"
        " that change places are at least so far apart.",
    )
    whole_share: Share = Field(
        default("counted_whole_share"),
        description="With `clear_mm`: a component with this share of what carries its label is a"
        " whole structure.",
    )
    like_share: Share = Field(
        default("counted_like_share"),
        description="With `clear_mm`: of two mirror images the smaller has this share of the"
        " larger.",
    )
    image_reach: Annotated[float, Field(gt=0)] = Field(
        default("counted_image_reach"),
        description="With `clear_mm`: the centres of two mirror images are at most so many times"
        " `clear_mm` apart.",
    )

    @model_validator(mode="after")
    def _only_where_clear(self) -> Count:
        check_needs(self, "clear_mm", "whole_share", "like_share", "image_reach")
        return self


class CountedExpect(Form):
    """The components of two sequences carry the number of their place."""

    counted: Count


def lower(form: CountedExpect, context: Lowering) -> Lowered:
    """Give the count of two sequences."""
    count = form.counted
    at = ("expect", "counted")
    left = context.scope.family(count.left, context.path(*at, "left"))
    right = context.scope.family(count.right, context.path(*at, "right"))
    plane = context.sided_plane(count.anchor, *at, "anchor")
    if left is None or right is None or plane is None:
        return ()
    direction = left.direction or right.direction
    if count.direction:
        direction = DIRECTIONS[count.direction]
    elif left.direction != right.direction or direction is None:
        message = "the sequences do not say one direction"
        advice = "add `direction:`, such as inferior"
        context.scope.report("RUL018", message, context.path(*at), advice, key=True)
        return ()
    if len(left.usual()) != len(right.usual()):
        message = (
            f"{len(left.usual())} structures on the left and {len(right.usual())} on the right"
        )
        context.scope.report("RUL018", message, context.path(*at), key=True)
        return ()
    lefts = context.labels(left.usual(), left.usual())
    rights = context.labels(right.usual(), right.usual())
    if len(lefts) + len(rights) < 2 * len(left.usual()):
        return ()
    anchor, left_first = plane
    return (
        eng.Counted(
            positive=lefts if left_first else rights,
            negative=rights if left_first else lefts,
            anchor=anchor,
            direction=direction,
            by=count.by,
            connectivity=count.connectivity,
            clear_mm=count.clear_mm,
            whole_share=count.whole_share,
            like_share=count.like_share,
            image_reach=count.image_reach,
        ),
    )


COUNTED = Expectation(
    key="counted",
    form=CountedExpect,
    lower=lower,
    written="`{counted: {left: SEQ, right: SEQ, anchor, by, direction, clear_mm}}`",
    holds="numbered by place; with `clear_mm` only whole, distinct pieces at that distance, or a"
    " side that mirrors the other",
    takes_for=False,
    repairs=("renumber",),
)
