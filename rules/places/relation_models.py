"""Where, as written: regions by relation to places."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Discriminator, Field, RootModel, Tag, model_validator
from pydantic_core import PydanticCustomError

from vesalius.ontology.reading.form import Form
from vesalius.rules.form import WORD, form_by_type

RELATIONS: Final = (
    "above",
    "below",
    "left_of",
    "right_of",
    "in_front_of",
    "behind",
    "own_side_of",
    "inside",
    "outside",
)

Text = Annotated[str, Field(min_length=1)]


class Relations(Form):
    """Relations to anchors or to the centres of structures; all must hold."""

    above: Text | None = Field(None, description="Higher than this anchor or structure.")
    below: Text | None = Field(None, description="Lower than this anchor or structure.")
    left_of: Text | None = Field(None, description="On the patient's left of it.")
    right_of: Text | None = Field(None, description="On the patient's right of it.")
    in_front_of: Text | None = Field(None, description="Anterior of it.")
    behind: Text | None = Field(None, description="Posterior of it.")
    own_side_of: Text | None = Field(
        None, description="With `each: side`: on the patient's left or right of it, as the side is."
    )
    inside: Text | None = Field(None, description="In a box or a named region.")
    outside: Text | None = Field(None, description="Not in a box or a named region.")
    not_: Relations | None = Field(None, alias="not", description="The opposite of one relation.")

    @model_validator(mode="after")
    def _some_relation(self) -> Relations:
        if self.not_ is None and not self.pairs():
            kind, message = "no_relation", f"needs one of {', '.join(RELATIONS)}"
            raise PydanticCustomError(kind, message)
        return self

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Give the relations written here, with what they relate to."""
        written = ((relation, getattr(self, relation)) for relation in RELATIONS)
        return tuple((relation, name) for relation, name in written if name is not None)


class RegionName(RootModel[str]):
    """A box or a region of the anchors."""


Region = Annotated[
    Annotated[RegionName, Tag(WORD)] | Annotated[Relations, Tag("relations")],
    Discriminator(form_by_type({WORD: str, "relations": object})),
]


Relations.model_rebuild()
