"""`extent_ratio`: how far each structure reaches along a direction, over what others do."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Bounds
from vesalius.rules.places.directions import DIRECTIONS, Direction


class ExtentLimits(Bounds):
    """A range of ratios to the mean of others."""

    to: Any
    direction: Direction
    fewest_voxels: Annotated[int, Field(ge=0)] = Field(
        0,
        description="Where a structure, or one that it is compared with, has fewer voxels,"
        " ends are chance.",
    )


class ExtentRatioExpect(Form):
    """How far each structure reaches along a direction, over the mean of others."""

    extent_ratio: ExtentLimits


def lower(form: ExtentRatioExpect, context: Lowering) -> Lowered:
    """Give what is compared with what, and along what."""
    limits = form.extent_ratio
    labels, others = context.judged(), context.select(limits.to, "expect", "extent_ratio", "to")
    if not labels or not others:
        return ()
    along = DIRECTIONS[limits.direction]
    return (
        eng.ExtentRatio(
            labels, others, along, limits.at_least, limits.at_most, limits.fewest_voxels
        ),
    )


EXTENT_RATIO = Expectation(
    key="extent_ratio",
    form=ExtentRatioExpect,
    lower=lower,
    written="`{extent_ratio: {to: SELECTOR, direction: left, at_least, at_most, fewest_voxels}}`",
    holds="how far each reaches along a direction over the mean of others; of fewer voxels nothing"
    " is said",
    sentences={
        "too narrow": "reaches over {mm}, {ratio} times as far as what it is compared with; at"
        " least {at_least} expected",
        "too wide": "reaches over {mm}, {ratio} times as far as what it is compared with; at"
        " most {at_most} expected",
    },
    more="Between the centres of the outermost voxels of its main pieces. Nothing is"
    " said of what the border of the scan cuts, nor where it cuts one of the others.",
)
