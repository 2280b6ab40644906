"""`holes`: no enclosed cavity."""

from __future__ import annotations

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Volume


class HoleLimits(Form):
    """How large an enclosed cavity may be, and which are too large to be judged."""

    at_most_ml: Volume
    ignore_above_ml: Volume | None = None


class HolesExpect(Form):
    """Each structure has no larger enclosed cavity of background."""

    holes: HoleLimits


def lower(form: HolesExpect, context: Lowering) -> Lowered:
    """Give the limits of cavities."""
    labels, limits = context.judged(), form.holes
    return (eng.Filled(labels, limits.at_most_ml, limits.ignore_above_ml),) if labels else ()


HOLES = Expectation(
    key="holes",
    form=HolesExpect,
    lower=lower,
    written="`{holes: {at_most_ml: 0, ignore_above_ml}}`",
    holds="no enclosed cavity; those above `ignore_above_ml` are passed over",
    repairs=("fill",),
    sentences={"hole": "hole"},
)
