"""`contiguous`: no gap in a sequence."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.rules.defaults import default
from vesalius.rules.form import Form
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Cut, Members, Moved, Share, moved_keys


class SparedMembers(Cut):
    """What may be missing, and what is not counted."""

    specks: Share = Field(
        default("contiguous_speck_share"),
        description="What has less of the median volume of the members is not counted.",
    )


class ContiguousExpect(Form):
    """Between the first and the last member that is present none is missing."""

    contiguous: Members
    spare: SparedMembers = Field(
        SparedMembers(),
        description="With `cut`: a gap between two that the scan cuts; `specks` are not counted.",
    )

    moved: ClassVar[Moved] = moved_keys("skip_cut")


def lower(form: ContiguousExpect, context: Lowering) -> Lowered:
    """Give the sequence, and which of it may be missing."""
    family = context.scope.family(form.contiguous, context.path("expect", "contiguous"))
    if family is None:
        return ()
    labels = context.labels(family.members)
    known = context.table.labels
    optional = tuple(known[name] for name in family.variants if name in known)
    if len(labels) < 3:
        return ()
    spare = form.spare
    return (eng.Contiguous(labels, optional, spare.cut, speck_share=spare.specks),)


CONTIGUOUS = Expectation(
    key="contiguous",
    form=ContiguousExpect,
    lower=lower,
    written="`{contiguous: SEQ, spare: {cut, specks}}`",
    holds="no gap; variants may be missing",
    takes_for=False,
    sentences={"gap": "missing between neighbours that are there"},
)
