"""`renumber`: the parts take the name that their expectation says is theirs."""

from __future__ import annotations

from vesalius.engine import kinds as eng
from vesalius.rules.kinds.kind import Repair
from vesalius.rules.lowering import Lowering


def lower(form: object, context: Lowering) -> eng.Repair:
    """Give what the judgement says."""
    del form, context
    return eng.AsCounted()


RENUMBER = Repair(
    key="renumber",
    form=None,
    lower=lower,
    written="`renumber`",
    does="the parts take the name of their place",
    misfit=None,
)
