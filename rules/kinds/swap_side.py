"""`swap_side`: the parts become the structure of the other side."""

from __future__ import annotations

from vesalius.engine import kinds as eng
from vesalius.rules.kinds.destination import lower_mirror
from vesalius.rules.kinds.kind import Repair
from vesalius.rules.lowering import Lowering


def lower(form: object, context: Lowering) -> eng.Repair | None:
    """Give the other side of each pair."""
    del form
    return lower_mirror(context, "repair")


SWAP_SIDE = Repair(
    key="swap_side",
    form=None,
    lower=lower,
    written="`swap_side`",
    does="the parts become the structure of the other side",
)
