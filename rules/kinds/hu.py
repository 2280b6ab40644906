"""`hu`: the mean density lies in a range."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Tag

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.form import WORD
from vesalius.rules.kinds.declared import Declared, declared, declared_or_range
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Bounds


class HuExpect(Form):
    """The mean Hounsfield value of each structure lies in a range."""

    hu: Annotated[
        Annotated[Declared, Tag(WORD)] | Annotated[Bounds, Tag("range")],
        Discriminator(declared_or_range),
    ]


def lower(form: HuExpect, context: Lowering) -> Lowered:
    """Give the range; one for each that is declared."""
    limits = form.hu
    if isinstance(limits, Declared):
        return tuple(
            eng.MeanHu(labels, low, high) for (low, high), labels in declared("hu", context).items()
        )
    labels = context.judged()
    return (eng.MeanHu(labels, limits.at_least, limits.at_most),) if labels else ()


HU = Expectation(
    key="hu",
    form=HuExpect,
    lower=lower,
    written="`{hu: {at_least, at_most}}`, `{hu: declared}`",
    holds="mean density",
    repairs=MOVES,
    sentences={
        "too dark": "mean {mean_hu}, at least {at_least_hu} expected",
        "too bright": "mean {mean_hu}, at most {at_most_hu} expected",
    },
)
