"""`inside`: each structure is surrounded by others."""

from __future__ import annotations

from typing import Any

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Share


class InsideExpect(Form):
    """Each structure is surrounded by others."""

    inside: Any
    share: Share = 1.0


def lower(form: InsideExpect, context: Lowering) -> Lowered:
    """Give what must surround what."""
    labels, others = context.judged(), context.select(form.inside, "expect", "inside")
    return (eng.Enclosed(labels, others, form.share),) if labels and others else ()


INSIDE = Expectation(
    key="inside",
    form=InsideExpect,
    lower=lower,
    written="`{inside: SELECTOR, share: 0.5}`",
    holds="so much of its surface touches these",
    repairs=MOVES,
    sentences={"not enclosed": "{share} of its surface enclosed, at least {at_least} expected"},
)
