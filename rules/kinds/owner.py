"""`owner`: the structure to which the surface of a part proves that it belongs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.form import WORD
from vesalius.rules.kinds.declared import Declared, declared_or_range
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Length, Volume

Limit = Annotated[
    Annotated[Declared, Tag(WORD)] | Annotated[Volume, Tag("range")],
    Discriminator(declared_or_range),
]
"""A figure, or the one that each structure declares."""


class Owner(Form):
    """What proves that a part belongs to a structure; where nothing does, it stays."""

    share: float = Field(
        gt=0,
        le=1,
        default_factory=lambda: default("owner_share"),
        description="The owner has at least this share of the part's surface,",
    )
    times_next: float = Field(
        ge=1,
        default_factory=lambda: default("owner_times_next"),
        description="and so many times what any other structure has of it.",
    )
    apart_mm: Limit = Field(
        0.0,
        description="A part this near to the body of its structure may belong to it, and stays;"
        " `declared` is the `apart_mm` of the structure.",
    )
    crumb_ml: Limit = Field(
        0.0,
        description="A crumb, a part of at most this size and further than `crumb_mm` from the"
        " body, becomes what is around it; `declared` is the `crumb_ml` of the structure.",
    )
    crumb_mm: Length = Field(0.0, description="See `crumb_ml`.")
    ground: Any = Field(
        None, description="A selector of structures that own nothing, as background does not."
    )
    never: Any = Field(None, description="A selector of structures that are passed over.")


class OwnerDestination(Form):
    """The structure to which the part's surface proves that it belongs; else it stays."""

    owner: Owner


def lower_owner(owner: Owner, context: Lowering, *at: str | int) -> eng.Repair:
    """Give what proves to whom a part belongs.

    Parameters
    ----------
    owner : Owner
        As written.
    context : Lowering
        The rule.
    *at : str or int
        Where in the rule it is written.
    """
    ground = () if owner.ground is None else context.select(owner.ground, *at, "ground")
    never = () if owner.never is None else context.select(owner.never, *at, "never")
    return eng.IntoOwner(
        share=owner.share,
        times_next=owner.times_next,
        apart_mm=_limits(owner.apart_mm, "apart_mm", context, *at),
        crumb_ml=_limits(owner.crumb_ml, "crumb_ml", context, *at),
        crumb_mm=owner.crumb_mm,
        ground=tuple(sorted(ground)),
        never=tuple(sorted(never)),
    )


def _limits(
    written: float | Declared, attribute: str, context: Lowering, *at: str | int
) -> tuple[tuple[int, float], ...]:
    """Give a figure for each label that the rule judges; those of 0 are left out."""
    ontology = context.scope.ontology
    if isinstance(written, Declared) and attribute not in ontology.attributes:
        message = f"no attribute `{attribute}` is declared"
        context.scope.report("RUL014", message, context.path(*at, attribute))
        return ()
    found: dict[int, float] = {}
    for name in context.structures:
        figure = ontology.get(name, attribute) if isinstance(written, Declared) else written
        for label in context.labels([name]) if figure else ():
            found[label] = float(figure)
    return tuple(sorted(found.items()))
