"""`beside`: chains run beside another one, member beside member."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.ontology.sequence import Sequence
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Connectivity, Share
from vesalius.rules.places.relation_models import Text


class Rungs(Form):
    """A sequence, and one on each side of it."""

    sequence: Text = Field(description="The one that the others run beside, by name.")
    left: Text | None = Field(None, description="A sequence that says where beside it begins.")
    right: Text | None = Field(None, description="As left.")
    foot: Any = Field(None, description="Structures that lie beyond its last usual member.")
    reach: Annotated[float, Field(gt=0)] = Field(
        default("beside_reach"),
        description="A member meets what it comes nearest to, at most so many usual steps away.",
    )
    share: Share = Field(
        default("beside_share"), description="So many of a sequence that is off say the same."
    )
    fewest: Annotated[int, Field(ge=1)] = Field(
        int(default("beside_fewest")), description="Fewer members that meet one prove nothing."
    )
    step_at_most: Annotated[float, Field(gt=0)] = Field(
        default("beside_step_at_most"),
        description="What is further apart, in usual steps around, is not renumbered together.",
    )
    around: Annotated[int, Field(ge=1)] = Field(
        int(default("beside_around")), description="So many steps on each side are compared."
    )
    body_share: Share = Field(
        default("beside_body_share"),
        description="A component with this share of the largest of its name is a body.",
    )
    connectivity: Connectivity = 6
    apart: Annotated[float, Field(gt=0)] = Field(
        default("beside_apart"),
        description="What lies so many usual steps beyond its name's own body is another one.",
    )

    alike: Annotated[int, Field(ge=1)] = Field(
        int(default("beside_alike")),
        description="Rows of so many that are off on both sides alike are told.",
    )

    @model_validator(mode="after")
    def _some_chain(self) -> Rungs:
        if self.left is None and self.right is None:
            kind, message = "no_chain", "needs `left` or `right`"
            raise PydanticCustomError(kind, message)
        return self


class BesideExpect(Form):
    """Two sequences lie beside a third one, member beside member."""

    beside: Rungs


def lower(form: BesideExpect, context: Lowering) -> Lowered:
    """Give the three sequences."""
    rungs = form.beside
    backbone = _sequence(rungs.sequence, "sequence", context)
    given = (("left", rungs.left), ("right", rungs.right))
    sides = [(key, _sequence(name, key, context)) for key, name in given if name is not None]
    named = [(key, sequence) for key, sequence in sides if sequence is not None]
    foot = () if rungs.foot is None else context.select(rungs.foot, "expect", "beside", "foot")
    if backbone is None or len(named) < len(sides):
        return ()
    known = context.table.labels
    listed = [at for at, name in enumerate(backbone.members) if name in known]
    # Labels count by their place, so one that is lacking in between leaves nothing to count.
    if not listed or len(listed) != listed[-1] - listed[0] + 1:
        return ()
    chains, spare, firsts = [], [], set()
    for key, sequence in named:
        shift = sequence.shift_to(backbone)
        if shift is None or shift < 0:
            at = context.path("expect", "beside", key)
            message = f"nothing says which member of `{backbone.name}` lies beside the first of it"
            context.scope.report("RUL027", message, at, "say `first_beside` in sequences.yaml")
            return ()
        chain = context.labels(sequence.members, sequence.members)
        if len(chain) == len(sequence.members):
            chains.append(chain)
            firsts.add(shift - listed[0])
            spare += [known[name] for name in sequence.variants if name in known]
    if len(firsts) != 1 or min(firsts) < 0:
        return ()
    return (
        eng.Beside(
            backbone=context.labels(backbone.full()),
            chains=tuple(chains),
            first=firsts.pop(),
            optional=tuple(known[name] for name in backbone.variants if name in known),
            spare=tuple(spare),
            foot=foot,
            reach=rungs.reach,
            share=rungs.share,
            fewest=rungs.fewest,
            step_at_most=rungs.step_at_most,
            around=rungs.around,
            body_share=rungs.body_share,
            connectivity=rungs.connectivity,
            apart=rungs.apart,
            alike=rungs.alike,
        ),
    )


def _sequence(name: str, key: str, context: Lowering) -> Sequence | None:
    """Give a sequence by name; None where it is wrong."""
    family = context.scope.family(name, context.path("expect", "beside", key))
    return None if family is None else context.scope.ontology.sequences[name]


BESIDE = Expectation(
    key="beside",
    form=BesideExpect,
    lower=lower,
    written="`{beside: {sequence: SEQ, left: SEQ, right: SEQ, foot: SELECTOR}}`",
    holds="each member of left and right lies nearest to the member of the sequence that it belongs"
    " to; where chains are off, it is said of all, and renumbered what is proven wrong",
    takes_for=False,
    repairs=("renumber",),
    sentences={
        "one is off": "off by {|places|} from what they lie beside; which of them is wrong cannot"
        " be told",
    },
)
