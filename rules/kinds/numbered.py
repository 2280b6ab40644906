"""`numbered`: the bodies of one chain carry their names in order."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Bounds, Connectivity, Length, Members, Share
from vesalius.rules.places.directions import DIRECTIONS, Direction


class ChainSteps(Bounds):
    """How far bodies out of place may be from each other, for the rest of their chain."""

    at_least: Annotated[float, Field(gt=0)] = Field(
        default("numbered_step_at_least"),
        description="Times the median step around; a smaller one proves nothing.",
    )
    at_most: Annotated[float, Field(gt=0)] = Field(
        default("numbered_step_at_most"),
        description="Times the median step around; a larger one proves nothing.",
    )
    around: Annotated[int, Field(ge=1)] = Field(
        int(default("numbered_around")), description="So many steps on each side are compared."
    )


class Chain(Form):
    """A sequence whose members are numbered by their place."""

    sequence: Members
    direction: Direction | None = Field(None, description="By default that of the sequence.")
    may_lack: Any = Field(None, description="Structures whose absence proves nothing.")
    clear_mm: Length = Field(0.0, description="Those out of place are at least so far apart.")
    connectivity: Connectivity = 6
    body_share: Share = Field(
        default("numbered_body_share"),
        description="A component with this share of the largest of its name is a body.",
    )
    fewest: Annotated[int, Field(ge=2)] = Field(
        int(default("numbered_fewest")), description="A chain of fewer bodies proves nothing."
    )
    step: ChainSteps = ChainSteps()


class NumberedExpect(Form):
    """The bodies of a chain carry their names in order, where it is clear which are wrong."""

    numbered: Chain


def lower(form: NumberedExpect, context: Lowering) -> Lowered:
    """Give the numbers of one chain."""
    chain = form.numbered
    at = ("expect", "numbered")
    family = context.scope.family(chain.sequence, context.path(*at, "sequence"))
    may_lack = () if chain.may_lack is None else context.select(chain.may_lack, *at, "may_lack")
    if family is None:
        return ()
    direction = DIRECTIONS[chain.direction] if chain.direction else family.direction
    if direction is None:
        context.no_direction(*at, key=True)
        return ()
    labels = context.labels(family.members)
    known = context.table.labels
    optional = tuple(known[name] for name in family.variants if name in known)
    if len(labels) < chain.fewest:
        return ()
    return (
        eng.Numbered(
            labels=labels,
            direction=direction,
            optional=optional,
            may_lack=tuple(label for label in labels if label in may_lack),
            clear_mm=chain.clear_mm,
            connectivity=chain.connectivity,
            body_share=chain.body_share,
            fewest=chain.fewest,
            step_at_least=chain.step.at_least,
            step_at_most=chain.step.at_most,
            around=chain.step.around,
        ),
    )


NUMBERED = Expectation(
    key="numbered",
    form=NumberedExpect,
    lower=lower,
    written="`{numbered: {sequence: SEQ, direction, may_lack: SELECTOR, clear_mm}}`",
    holds="the bodies of one chain carry their names in order; judged only where the chain itself"
    " proves which are off by one",
    takes_for=False,
    repairs=("renumber",),
)
