"""`move_to`: the parts become another structure."""

from __future__ import annotations

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.destination import Destination, lower_destination
from vesalius.rules.kinds.kind import Repair
from vesalius.rules.lowering import Lowering


class MoveRepair(Form):
    """The parts become another structure."""

    move_to: Destination


def lower(form: MoveRepair, context: Lowering) -> eng.Repair | None:
    """Give the destination."""
    return lower_destination(form.move_to, context, "repair", "move_to")


MOVE_TO = Repair(
    key="move_to",
    form=MoveRepair,
    lower=lower,
    written="`{move_to: DEST}`",
    does="the parts become another structure",
)
