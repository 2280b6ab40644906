"""`elongated`: each structure is long and thin."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.lowering import Lowering


class Slenderness(Form):
    """How long a structure is for its width."""

    at_least: Annotated[float, Field(gt=1)] = Field(
        description="So many times as long as wide: its spread along its main axis over that"
        " along the wider one of the two across it."
    )


class ElongatedExpect(Form):
    """Each structure is at least so many times as long as wide."""

    elongated: Slenderness


def lower(form: ElongatedExpect, context: Lowering) -> Lowered:
    """Give the ratio."""
    labels = context.judged()
    return (eng.Elongated(labels, form.elongated.at_least),) if labels else ()


ELONGATED = Expectation(
    key="elongated",
    form=ElongatedExpect,
    lower=lower,
    written="`{elongated: {at_least: 3}}`",
    holds="so many times as long as wide",
    repairs=MOVES,
    sentences={"not elongated": "{length} times as long as wide, at least {at_least} expected"},
    more="All voxels of a structure count, in one piece or not; how many pieces there may be is"
    " for `components`. What the border of the scan cuts is not judged. A bent structure is"
    " shorter than it is along its course.",
)
