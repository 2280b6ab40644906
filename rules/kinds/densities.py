"""`densities`: the whole lies where the image has what it names."""

from __future__ import annotations

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.declared import declared
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering


class Vote(Form):
    """How many structures may have an impossible density."""

    at_least: int = Field(
        ge=1,
        default_factory=lambda: int(default("densities_fewest")),
        description="So many must be judged, and be wrong, before anything is said.",
    )
    share: float = Field(
        gt=0,
        le=1,
        default_factory=lambda: default("densities_share"),
        description="So large a share is wrong where the whole lies beside the image.",
    )


class DensitiesExpect(Form):
    """The mean densities of so many structures cannot all be wrong."""

    densities: Vote


def lower(form: DensitiesExpect, context: Lowering) -> Lowered:
    """Give the ranges that structures declare."""
    ranges = tuple(
        eng.HuRange(labels, low, high) for (low, high), labels in declared("hu", context).items()
    )
    vote = form.densities
    return (eng.Densities(ranges, vote.at_least, vote.share),) if ranges else ()


DENSITIES = Expectation(
    key="densities",
    form=DensitiesExpect,
    lower=lower,
    written="`{densities: {at_least, share}}`",
    holds="the whole lies where the image has what it names: not so many structures have a mean"
    " density outside the range that they declare as `hu`",
    sentences={
        "beside the image": "{wrong} of {compared} structures have a mean density that they never"
        " have; labels and image are not of one patient, or not in one place"
    },
    more="Of single ones `hu` tells. With `each: source` each source is judged by itself, and"
    " nothing of one that lies beside the image is repaired.",
)
