"""What a rule may do, as written: repairs, destinations and derivations."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, RootModel, Tag

from vesalius.rules.expect_models import Connectivity, Sequence
from vesalius.rules.form_key import WORD, Form, form_by_key
from vesalius.rules.place_models import Relations, Text

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


_DESTINATION_HEADS: Final = {
    "left": "to sides",
    "right": "to sides",
    "surrounding": "to surrounding",
    "touching": "to touching",
    "where": "to places",
    "otherwise": "to places",
}

DestinationForm = (
    WordDestination | Sides | SurroundingDestination | TouchingDestination | PlacesDestination
)

Destination = Annotated[
    Annotated[WordDestination, Tag(WORD)]
    | Annotated[Sides, Tag("to sides")]
    | Annotated[SurroundingDestination, Tag("to surrounding")]
    | Annotated[TouchingDestination, Tag("to touching")]
    | Annotated[PlacesDestination, Tag("to places")],
    Discriminator(
        form_by_key(_DESTINATION_HEADS),
        custom_error_type="destination_form",
        custom_error_message=(
            "no form of destination has these keys; write a structure, one of "
            f"{', '.join(DESTINATION_WORDS)}, or a mapping by left and right, surrounding, "
            "touching or where"
        ),
    ),
]


class WordRepair(RootModel[Literal["remove", "swap_side", "renumber"]]):
    """Remove the parts, give them to the other side, or number them by their place."""


class MoveRepair(Form):
    """The parts become another structure."""

    move_to: Destination


class KeepRepair(Form):
    """The largest component stays, the rest moves."""

    keep: Literal["largest"]
    rest: Destination


class Fragments(Form):
    """Which neighbours may take a fragment."""

    sequence: Sequence = Field(description="A sequence, a list of structures, or `mirror`.")
    at_least_ml: Annotated[float, Field(ge=0)] = 0.0
    connectivity: Connectivity = 6
    rest: Destination


class FragmentsRepair(Form):
    """Fragments go to the neighbour they touch."""

    give_fragments_to_neighbour: Fragments


class FillRepair(Form):
    """Cavities become the structure around them."""

    fill: Literal["self"]


REPAIR_HEADS: Final = {
    key: f"repair {key}" for key in ("move_to", "keep", "give_fragments_to_neighbour", "fill")
}

RepairForm = WordRepair | MoveRepair | KeepRepair | FragmentsRepair | FillRepair

Repair = Annotated[
    Annotated[WordRepair, Tag(WORD)]
    | Annotated[MoveRepair, Tag("repair move_to")]
    | Annotated[KeepRepair, Tag("repair keep")]
    | Annotated[FragmentsRepair, Tag("repair give_fragments_to_neighbour")]
    | Annotated[FillRepair, Tag("repair fill")],
    Discriminator(
        form_by_key({**REPAIR_HEADS, "rest": "repair keep"}),
        custom_error_type="repair_form",
        custom_error_message=(
            "no form of repair has these keys; known are remove, swap_side, renumber, "
            f"{', '.join(REPAIR_HEADS)}"
        ),
    ),
]


class HuDerive(Form):
    """Voxels of a Hounsfield window in a region become a structure."""

    hu: list[float] = Field(min_length=2, max_length=2, description="Lowest and highest value.")
    to: Text
    over: Any = Field(
        description="What may be painted over: `unlabelled`, a selector, or a list of them."
    )
    where: Relations | None = None
    keep_largest: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Keep so many components; by default all."
    )


class BodyRest(Form):
    """How the body is told from the table and the air.

    `enclosed` cavities are closed on all sides; `axial` ones only within their axial plane, which
    takes the air between the arm and the trunk for body where the hand touches the hip. With
    `unlisted` also what only a source has a class for, and the target none, is taken for nameless.
    """

    to: Text
    hu_at_least: float = -300.0
    opening_mm: Annotated[float, Field(ge=0)] = 6.0
    cavities: Literal["enclosed", "axial"] = "enclosed"
    unlisted: bool = False


class BodyDerive(Form):
    """What is in the body and has no name becomes a structure."""

    rest_of_body: BodyRest


DERIVE_HEADS: Final = {"hu": "derive hu", "rest_of_body": "derive rest_of_body"}

DeriveForm = HuDerive | BodyDerive

Derive = Annotated[
    Annotated[HuDerive, Tag("derive hu")] | Annotated[BodyDerive, Tag("derive rest_of_body")],
    Discriminator(
        form_by_key(DERIVE_HEADS),
        custom_error_type="derive_form",
        custom_error_message=f"no form has these keys; known are {', '.join(DERIVE_HEADS)}",
    ),
]

for _form in (PlacedMove, PlacesDestination, MoveRepair, KeepRepair, Fragments):
    _form.model_rebuild()
