"""`fill`: cavities become the structure around them."""

from __future__ import annotations

from typing import Literal

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Repair
from vesalius.rules.lowering import Lowering


class FillRepair(Form):
    """Cavities become the structure around them."""

    fill: Literal["self"]


def lower(form: FillRepair, context: Lowering) -> eng.Repair:
    """Give what lies around."""
    del form, context
    return eng.IntoEnclosing()


FILL = Repair(
    key="fill",
    form=FillRepair,
    lower=lower,
    written="`{fill: self}`",
    does="cavities become the structure around them",
    misfit=None,
)
