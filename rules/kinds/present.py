"""`present`: the structures are there."""

from __future__ import annotations

from typing import Literal

from vesalius.engine import kinds as eng
from vesalius.rules.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering


class PresentExpect(Form):
    """All of the structures, or at least some, have voxels."""

    present: Literal["all", "some"]


def lower(form: PresentExpect, context: Lowering) -> Lowered:
    """Give the presence of what is judged."""
    labels = context.judged()
    return (eng.Present(labels, all_of=form.present == "all"),) if labels else ()


PRESENT = Expectation(
    key="present",
    form=PresentExpect,
    word=PresentExpect(present="all"),
    lower=lower,
    written="`present`, `{present: some}`",
    holds="all (some) have voxels",
    sentences={"absent": "missing"},
)
