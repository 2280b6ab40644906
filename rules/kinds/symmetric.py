"""`symmetric`: the volume of each left structure over that of its mirror lies in a range."""

from __future__ import annotations

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.kinds.volume_ratio import VOLUME_RATIO
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Bounds


class SymmetricExpect(Form):
    """The volume of each left structure over that of its mirror lies in a range."""

    symmetric: Bounds


def lower(form: SymmetricExpect, context: Lowering) -> Lowered:
    """Give the ratio of each pair of mirrors."""
    least, most = form.symmetric.at_least, form.symmetric.at_most
    if least is None and most:
        least = 1 / most
    elif most is None and least:
        most = 1 / least
    return tuple(
        eng.VolumeRatio((left,), (right,), least, most) for left, right in context.paired("for")
    )


SYMMETRIC = Expectation(
    key="symmetric",
    form=SymmetricExpect,
    lower=lower,
    written="`{symmetric: {at_least: 0.6}}`, `{symmetric: {at_least, at_most}}`",
    holds="size of each left one over that of its mirror; one bound alone stands for both sides:"
    " neither is less than six tenths of the other",
    sentences=VOLUME_RATIO.sentences,
)
