"""`undivided`: one piece, one name."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Connectivity, Moved, Share, SparedPooled, moved_keys


class UndividedLimits(Form):
    """What counts as a component with two names."""

    connectivity: Connectivity = 6
    enclosed_share: Share = Field(
        default("undivided_enclosed_share"),
        description="With `sure`: proven by so much of its faces on the name at home,",
    )
    less_share: Share = Field(
        default("undivided_less_share"),
        description="or where the name at home, without the part, has at most so much of what the"
        " part's own name has, each compared with its mirror.",
    )

    moved: ClassVar[Moved] = moved_keys("ignore_below_ml", "skip_cut")


class MeantNames(Form):
    """Which names are meant."""

    sure: bool | None = Field(
        None,
        description="What is proven to have the wrong name, or, with `false`, what is not: a broken"
        " rib may touch the next one.",
    )


class UndividedExpect(Form):
    """A component of the structures, pooled, carries one name where it is clear which."""

    undivided: UndividedLimits
    only: MeantNames = Field(MeantNames(), description="Which names are meant.")
    spare: SparedPooled = Field(SparedPooled(), description="Which pieces may have two names.")


def lower(form: UndividedExpect, context: Lowering) -> Lowered:
    """Give the expectation that no piece has two names."""
    labels, spare = context.judged(), form.spare
    if len(labels) < 2:
        return ()
    limits, sure = form.undivided, form.only.sure
    plain = eng.Undivided(labels, limits.connectivity, spare.smaller_than_ml, spare.cut)
    if sure is None:
        return (plain,)
    return (
        replace(
            plain,
            sure=sure,
            mirrors=context.mirrored(labels),
            enclosed_share=limits.enclosed_share,
            less_share=limits.less_share,
        ),
    )


UNDIVIDED = Expectation(
    key="undivided",
    form=UndividedExpect,
    lower=lower,
    written="`{undivided: {connectivity}, only: {sure}, spare: {smaller_than_ml, cut}}`",
    holds="no pooled piece carries two names, where it is clear whose it is; `only: {sure: true}`"
    " finds what its surface or the other side proves",
    repairs=("renumber",),
)
