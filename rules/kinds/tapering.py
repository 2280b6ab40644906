"""`tapering`: no structure ends at full width on another one."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Area, Length, Share


class TaperingLimits(Form):
    """What an end is that looks cut off."""

    against: Any = Field(description="A selector of what may be the rest of it.")
    flat_share: Share = Field(
        default("tapering_flat_share"),
        description="The last layer of voxels has so much of the mean of the two behind it,",
    )
    meets_share: Share = Field(
        default("tapering_meets_share"),
        description="so much of it shares faces with one of these structures,",
    )
    at_least_mm2: Area = Field(default("tapering_at_least_mm2"), description="and it is so large.")
    background: bool = Field(
        False,
        description="Background counts, too, and all of them count together; what the border of the"
        " scan cuts is passed over.",
    )
    layer_at_most_mm: Length = Field(
        default("tapering_layer_at_most_mm"),
        description="Layers that are thicker say nothing: a round end lies within one of them.",
    )


class TaperingExpect(Form):
    """No structure ends at full width on another one, as if that were the rest of it."""

    tapering: TaperingLimits


def lower(form: TaperingExpect, context: Lowering) -> Lowered:
    """Give what may not end on what."""
    limits = form.tapering
    labels = context.judged()
    against = context.select(limits.against, "expect", "tapering", "against")
    if not labels or not (against or limits.background):
        return ()
    return (
        eng.Tapering(
            labels,
            tuple(sorted(against)),
            limits.flat_share,
            limits.meets_share,
            limits.at_least_mm2,
            limits.layer_at_most_mm,
            limits.background,
        ),
    )


TAPERING = Expectation(
    key="tapering",
    form=TaperingExpect,
    lower=lower,
    written="`{tapering: {against: SELECTOR, background, flat_share, meets_share, at_least_mm2,"
    " layer_at_most_mm}}`",
    holds="none ends at full width, in one plane of voxels, on one of these, as if that were the"
    " rest of it; with `background: true` on these and background together",
    sentences={
        "cut off": "ends at full width on the other, an area of {mm2} mm2",
        "cut short": "ends at full width where nothing goes on, an area of {mm2} mm2",
    },
    more="Of each structure the largest piece counts, at its six ends along the axes of the array."
    " A tube that goes on in another one ends so by nature: leave it out.",
)
