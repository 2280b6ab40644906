"""Where parts go: every form of a destination, as written and in labels.

A destination may hold others (`where`), so the forms stand together.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Discriminator, Field, RootModel, Tag

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.form import WORD, form_by_key
from vesalius.rules.kinds.owner import OwnerDestination, lower_owner
from vesalius.rules.lowering import Lowering
from vesalius.rules.places.relation_models import Relations, Text

BACKGROUND: Final = 0

DESTINATION_WORDS: Final = ("background", "surrounding", "touching", "mirror")
"""Destinations that are no structure.

`surrounding` is what the part shares most faces with, background included; `touching` is the
structure it shares most faces with, background only where it touches none.
"""


class WordDestination(RootModel[str]):
    """A structure, or one of the words for what is near."""


class Sides(Form):
    """One structure on each side of a plane."""

    left: Text
    right: Text
    anchor: Text = Field("midline", description="The plane that parts the sides.")


class Near(Form):
    """Choose among what is near."""

    never: Any = Field(None, description="A selector of structures that are passed over.")
    otherwise: Text | None = Field(None, description="A structure where nothing is near.")


class SurroundingDestination(Form):
    """What the part shares most faces with, background included."""

    surrounding: Near


class TouchingDestination(Form):
    """The structure that the part shares most faces with."""

    touching: Near


class PlacedMove(Relations):
    """A region, and where parts go whose centre lies in it."""

    to: Destination


class PlacesDestination(Form):
    """The first region that holds the part decides."""

    where: list[PlacedMove] = Field(min_length=1)
    otherwise: Destination


_HEADS: Final = {
    "left": "to sides",
    "right": "to sides",
    "surrounding": "to surrounding",
    "touching": "to touching",
    "owner": "to owner",
    "where": "to places",
    "otherwise": "to places",
}

DestinationForm = (
    WordDestination
    | Sides
    | SurroundingDestination
    | TouchingDestination
    | OwnerDestination
    | PlacesDestination
)

Destination = Annotated[
    Annotated[WordDestination, Tag(WORD)]
    | Annotated[Sides, Tag("to sides")]
    | Annotated[SurroundingDestination, Tag("to surrounding")]
    | Annotated[TouchingDestination, Tag("to touching")]
    | Annotated[OwnerDestination, Tag("to owner")]
    | Annotated[PlacesDestination, Tag("to places")],
    Discriminator(
        form_by_key(_HEADS),
        custom_error_type="destination_form",
        custom_error_message=(
            "no form of destination has these keys; write a structure, one of "
            f"{', '.join(DESTINATION_WORDS)}, or a mapping by left and right, surrounding, "
            "touching, owner or where"
        ),
    ),
]

PlacedMove.model_rebuild()
PlacesDestination.model_rebuild()


def lower_destination(
    form: DestinationForm, context: Lowering, *at: str | int
) -> eng.Repair | None:
    """Give a destination in labels.

    Parameters
    ----------
    form : DestinationForm
        As written.
    context : Lowering
        The rule; takes errors and what is lacking.
    *at : str or int
        Where in the rule it is written.

    Returns
    -------
    Destination or None
        None where it cannot be done.
    """
    if isinstance(form, WordDestination):
        return _word(form.root, context, *at)
    if isinstance(form, Sides):
        return _sides(form, context, *at)
    if isinstance(form, SurroundingDestination):
        return _near(form.surrounding, True, context, *at, "surrounding")
    if isinstance(form, TouchingDestination):
        return _near(form.touching, False, context, *at, "touching")
    if isinstance(form, OwnerDestination):
        return lower_owner(form.owner, context, *at, "owner")
    return _places(form, context, *at)


def lower_mirror(context: Lowering, *at: str | int) -> eng.Repair | None:
    """Give the other side of each pair that the rule judges."""
    pairs = context.paired(*at)
    return eng.IntoOther(pairs) if pairs else None


def _word(word: str, context: Lowering, *at: str | int) -> eng.Repair | None:
    if word == "background":
        return eng.Into(BACKGROUND)
    if word == "surrounding":
        return eng.IntoSurrounding(background=True)
    if word == "touching":
        return eng.IntoSurrounding(background=False)
    if word == "mirror":
        return lower_mirror(context, *at)
    label = context.structure(word, *at, words=DESTINATION_WORDS)
    return None if label is None else eng.Into(label)


def _sides(form: Sides, context: Lowering, *at: str | int) -> eng.Repair | None:
    plane = context.sided_plane(form.anchor, *at, "anchor")
    left = context.structure(form.left, *at, "left")
    right = context.structure(form.right, *at, "right")
    if plane is None or left is None or right is None:
        return None
    anchor, left_first = plane
    return eng.IntoSides(anchor, *((left, right) if left_first else (right, left)))


def _near(near: Near, background: bool, context: Lowering, *at: str | int) -> eng.Repair | None:
    never = () if near.never is None else context.select(near.never, *at, "never")
    otherwise: int | None = BACKGROUND
    if near.otherwise is not None:
        otherwise = context.structure(near.otherwise, *at, "otherwise")
    if otherwise is None:
        return None
    return eng.IntoSurrounding(otherwise, background, tuple(sorted(never)))


def _places(form: PlacesDestination, context: Lowering, *at: str | int) -> eng.Repair | None:
    cases: list[tuple[eng.Region, eng.Repair]] = []
    good = True
    for i, move in enumerate(form.where):
        region = context.region(move, *at, "where", i)
        target = lower_destination(move.to, context, *at, "where", i, "to")
        if region is None or target is None:
            good = False
        else:
            cases.append((region, target))
    otherwise = lower_destination(form.otherwise, context, *at, "otherwise")
    return eng.IntoRegions(tuple(cases), otherwise) if good and otherwise is not None else None
