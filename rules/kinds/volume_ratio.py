"""`volume_ratio`: the volume over that of others lies in a range."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Bounds


class RatioLimits(Bounds):
    """A range of ratios to other structures."""

    to: Any
    fewest_voxels: Annotated[int, Field(ge=0)] = Field(
        0, description="Where the structures have fewer voxels, their number is chance."
    )


class VolumeRatioExpect(Form):
    """The volume of the structures over that of others lies in a range."""

    volume_ratio: RatioLimits


def lower(form: VolumeRatioExpect, context: Lowering) -> Lowered:
    """Give what is compared with what."""
    limits = form.volume_ratio
    labels, others = context.judged(), context.select(limits.to, "expect", "volume_ratio", "to")
    if not labels or not others:
        return ()
    range_and_fewest = limits.at_least, limits.at_most, limits.fewest_voxels
    return (eng.VolumeRatio(labels, others, *range_and_fewest),)


VOLUME_RATIO = Expectation(
    key="volume_ratio",
    form=VolumeRatioExpect,
    lower=lower,
    written="`{volume_ratio: {to: SELECTOR, at_least, at_most, fewest_voxels}}`",
    holds="size over that of others; of fewer voxels nothing is said",
    sentences={
        "too small a ratio": "volume ratio {ratio}, at least {at_least} expected",
        "too large a ratio": "volume ratio {ratio}, at most {at_most} expected",
    },
)
