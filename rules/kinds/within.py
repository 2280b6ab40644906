"""`within`: a share of each structure lies in a region."""

from __future__ import annotations

from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.kinds.located import PlacedForm, lower_located
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Share
from vesalius.rules.places.relation_models import Region


class WithinExpect(PlacedForm):
    """At least a share of each structure lies in a region."""

    within: Region
    share: Share = 1.0


def lower(form: WithinExpect, context: Lowering) -> Lowered:
    """Give where what is judged lies."""
    region = context.region(form.within, "expect", "within")
    return lower_located(region, True, form.share, form, context)


WITHIN = Expectation(
    key="within",
    form=WithinExpect,
    lower=lower,
    written="`{within: REGION, share: 0.9}`",
    holds="a share of it lies there",
    takes_per=True,
    repairs=MOVES,
    sentences={"outside the region": "lies outside the place where it should be"},
)
