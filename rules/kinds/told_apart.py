"""`told_apart`: two structures that may have changed names."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Length, Share


class ToldApartExpect(Form):
    """Of two structures each is nearer to what belongs to it than the other one is."""

    told_apart: dict[str, Any] = Field(
        min_length=2,
        max_length=2,
        description="Two structures, each with a selector of what is nearer to it than to the"
        " other; null where nothing is.",
    )
    reach_mm: Length = Field(description="What is further away from both says nothing.")
    fewest: Annotated[int, Field(ge=1)] = Field(
        1, description="So many must say that they have changed places, and none the opposite."
    )
    larger: str | None = Field(
        None,
        description="The one that is the larger of the two; where it is, they have their names.",
    )
    gap_mm: Length = Field(
        0.0, description="Two that are further apart have not changed names; by default any may."
    )
    body_share: Share = Field(
        default("told_apart_body_share"),
        description="A piece with this share of the largest of its name is a body; each is judged"
        " alone, too, and where they do not agree nothing is repaired.",
    )


def lower(form: ToldApartExpect, context: Lowering) -> Lowered:
    """Give the two, and what lies near each."""
    pair: list[int] = []
    near: list[tuple[int, ...]] = []
    for name, selector in form.told_apart.items():
        at = ("expect", "told_apart", name)
        structure = context.scope.structure(name, context.path(*at))
        if structure is not None:
            pair += context.labels([structure], [structure])
        near.append(() if selector is None else context.select(selector, *at))
    said = zip(near, form.told_apart.values(), strict=True)
    lacks = any(selector is not None and not labels for labels, selector in said)
    if len(pair) != 2 or lacks or not any(near):
        return ()
    larger = [
        label for name, label in zip(form.told_apart, pair, strict=True) if name == form.larger
    ]
    if form.larger is not None and not larger:
        message = f"`larger` is one of the two that are told apart, not `{form.larger}`"
        context.scope.report("RUL011", message, context.path("expect", "larger"))
    return (
        eng.ToldApart(
            tuple(pair),
            near[0],
            near[1],
            form.reach_mm,
            form.fewest,
            larger=tuple(larger),
            body_share=form.body_share,
            gap_mm=form.gap_mm,
        ),
    )


TOLD_APART = Expectation(
    key="told_apart",
    form=ToldApartExpect,
    lower=lower,
    written="`{told_apart: {NAME: SELECTOR, NAME: SELECTOR}, reach_mm: 30, fewest: 2,"
    " larger: NAME, gap_mm: 40}`",
    holds="each of the two is nearer than the other to what stands beside it; if all that say"
    " something say the opposite, they have changed names (not if they lie further apart than"
    " `gap_mm`); where pieces of one do not agree, it is told and stays",
    takes_for=False,
    repairs=("renumber",),
    sentences={"changed places": "told by {witnesses} that lie near"},
)
