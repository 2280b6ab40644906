"""`remove`: the parts become background."""

from __future__ import annotations

from vesalius.engine import kinds as eng
from vesalius.rules.kinds.destination import BACKGROUND
from vesalius.rules.kinds.kind import Repair
from vesalius.rules.lowering import Lowering


def lower(form: object, context: Lowering) -> eng.Repair:
    """Give the background."""
    del form, context
    return eng.Into(BACKGROUND)


REMOVE = Repair(
    key="remove",
    form=None,
    lower=lower,
    written="`remove`",
    does="the parts become background",
)
