"""`plausible`: an anchor can be fitted, and its fit can be believed."""

from __future__ import annotations

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.places.relation_models import Text


class PlausibleExpect(Form):
    """An anchor can be fitted and its fit is plausible."""

    plausible: Text


def lower(form: PlausibleExpect, context: Lowering) -> Lowered:
    """Give the anchor."""
    spec = context.scope.plane(form.plausible, context.path("expect", "plausible"))
    return () if spec is None else (eng.Plausible(context.anchor(spec)),)


PLAUSIBLE = Expectation(
    key="plausible",
    form=PlausibleExpect,
    lower=lower,
    written="`{plausible: midline}`",
    holds="can be trusted: the fit of an anchor",
    takes_for=False,
)
