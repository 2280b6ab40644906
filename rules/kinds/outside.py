"""`outside`: a share of each structure lies outside a region."""

from __future__ import annotations

from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.kinds.located import IN_THE_REGION, PlacedForm, lower_located
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Share
from vesalius.rules.places.relation_models import Region


class OutsideExpect(PlacedForm):
    """At least a share of each structure lies outside a region."""

    outside: Region
    share: Share = 1.0


def lower(form: OutsideExpect, context: Lowering) -> Lowered:
    """Give where what is judged lies."""
    region = context.region(form.outside, "expect", "outside")
    return lower_located(region, False, form.share, form, context)


OUTSIDE = Expectation(
    key="outside",
    form=OutsideExpect,
    lower=lower,
    written="`{outside: REGION, share: 0.9}`",
    holds="a share of it lies elsewhere",
    takes_per=True,
    repairs=MOVES,
    sentences=IN_THE_REGION,
)
