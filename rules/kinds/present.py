"""`present`: the structures are there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering


class PresentExpect(Form):
    """All of the structures, or at least some, have voxels."""

    present: Literal["all", "some"]
    fewest: Annotated[int, Field(ge=0)] = Field(
        0, description="Where fewer of them are there, nothing is said of the others."
    )


def lower(form: PresentExpect, context: Lowering) -> Lowered:
    """Give the presence of what is judged."""
    labels = context.judged()
    if not labels:
        return ()
    return (eng.Present(labels, all_of=form.present == "all", fewest=form.fewest),)


PRESENT = Expectation(
    key="present",
    form=PresentExpect,
    word=PresentExpect(present="all"),
    lower=lower,
    written="`present`, `{present: some}`, `{present: all, fewest: 7}`",
    holds="all (some) have voxels; with `fewest` judged only where so many of them have",
    sentences={"absent": "missing"},
)
