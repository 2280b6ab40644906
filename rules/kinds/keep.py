"""`keep`: the largest piece stays, the rest moves."""

from __future__ import annotations

from typing import Final, Literal

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.destination import Destination, lower_destination
from vesalius.rules.kinds.kind import Repair
from vesalius.rules.lowering import Lowering

FOR_PIECES: Final = "this repair is for pieces and goes with `components: {at_most: ...}`"


class KeepRepair(Form):
    """The largest component stays, the rest moves."""

    keep: Literal["largest"]
    rest: Destination


def lower(form: KeepRepair, context: Lowering) -> eng.Repair | None:
    """Give the destination of the rest."""
    return lower_destination(form.rest, context, "repair", "rest")


KEEP = Repair(
    key="keep",
    form=KeepRepair,
    lower=lower,
    written="`{keep: largest, rest: DEST}`",
    does="the largest piece stays, the rest moves",
    misfit=FOR_PIECES,
    more_keys=("rest",),
)
