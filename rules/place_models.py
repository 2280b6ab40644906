"""Where and when, as written: regions by relation, and the conditions of a case."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, RootModel, Tag, model_validator
from pydantic_core import PydanticCustomError

from vesalius.rules.form_key import WORD, Form

Direction = Literal["left", "right", "posterior", "anterior", "inferior", "superior"]

RELATIONS: Final = (
    "above",
    "below",
    "left_of",
    "right_of",
    "in_front_of",
    "behind",
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


def _region_form(value: object) -> str:
    return WORD if isinstance(value, str) else "relations"


Region = Annotated[
    Annotated[RegionName, Tag(WORD)] | Annotated[Relations, Tag("relations")],
    Discriminator(_region_form),
]


class Order(Form):
    """Structures, or groups of them, that must follow each other."""

    of: Annotated[list[Any], Field(min_length=2)]
    direction: Direction


class When(Form):
    """What must be so for a rule to apply; the keys are ANDed. Three-valued."""

    case: dict[str, Any] | None = Field(
        None, description="Metadata of the case: a value, or a list of values that will do."
    )
    present: Any = Field(
        None, description="A selector, or a list: of each entry some structure has voxels."
    )
    absent: Any = Field(None, description="A selector: none of its structures has a voxel.")
    uncut: Any = Field(
        None, description="A selector: none of its structures touches the border of the scan."
    )
    image: bool | None = Field(None, description="Whether the case has an image.")
    order: Order | None = Field(
        None, description="Selectors whose common centres advance along a direction."
    )
    not_: When | None = Field(None, alias="not", description="The opposite.")
    any_: list[When] | None = Field(
        None, alias="any", min_length=1, description="One of these is enough."
    )

    @model_validator(mode="after")
    def _plain_values(self) -> When:
        if not self.model_fields_set:
            kind, message = "empty_when", f"needs one of {', '.join(WHEN_KEYS)}"
            raise PydanticCustomError(kind, message)
        for key, value in (self.case or {}).items():
            values = value if isinstance(value, list) else [value]
            if not values or not all(isinstance(v, str | int | float) for v in values):
                kind, message = "case_value", f"`{key}` of `case` expects a value or a list of them"
                raise PydanticCustomError(kind, message)
        return self


WHEN_KEYS: Final = ("case", "present", "absent", "uncut", "image", "order", "not", "any")

Relations.model_rebuild()
When.model_rebuild()
