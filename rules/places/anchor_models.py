"""The grammar of an anchors file, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.places.directions import DIRECTIONS, Direction
from vesalius.rules.places.relation_models import Relations

End = Literal["centre", "top", "bottom", "front", "back", "left", "right"]

ENDS = {
    "top": "superior",
    "bottom": "inferior",
    "front": "anterior",
    "back": "posterior",
    "left": "left",
    "right": "right",
}
"""Patient direction in which an end of a structure lies."""


class Limits(Form):
    """What makes a fitted plane implausible."""

    tilt_deg: Annotated[float, Field(gt=0, le=90)]
    residual_mm: Annotated[float, Field(gt=0)]


class _NamedPlace(Form):
    """What every anchor may say of itself."""

    about: str
    replace: bool = False


class PlaneModel(_NamedPlace):
    """A plane fitted through the centres of structures."""

    kind: Literal["plane"]
    through: Any
    at_least: Annotated[int, Field(ge=2)]
    toward: Direction
    within: Direction | None = None
    implausible: Limits
    outlier_factor: Annotated[float, Field(gt=1)] = Field(
        default("outlier_factor"),
        description="A point further away than so many times the median (and than `residual_mm`) is"
        " left out of a second fit.",
    )


class LevelModel(_NamedPlace):
    """A plane across a patient axis, at the height of structures."""

    kind: Literal["level"]
    through: Any
    direction: Direction = "superior"
    at: End = "centre"
    combine: Literal["mean", "outermost"] = "mean"
    at_least: Annotated[int, Field(ge=1)] | Literal["all"] = "all"

    @model_validator(mode="after")
    def _end_along_direction(self) -> LevelModel:
        if self.at == "centre":
            if self.combine == "outermost":
                kind, message = "centre_end", "`combine: outermost` needs an end, such as `at: top`"
                raise PydanticCustomError(kind, message)
            return self
        end, along = DIRECTIONS[ENDS[self.at]], DIRECTIONS[self.direction]
        if not any(a * b for a, b in zip(end, along, strict=True)):
            kind = "end_across"
            message = f"`at: {self.at}` does not lie along the direction `{self.direction}`"
            raise PydanticCustomError(kind, message)
        return self


class BoxModel(_NamedPlace):
    """A box around structures, along the patient axes."""

    kind: Literal["box"]
    around: Any
    margin_mm: float | dict[Direction, float] = 0.0
    at_least: Annotated[int, Field(ge=1)] | Literal["all"] = "all"


class RegionModel(_NamedPlace):
    """A name for relations to other places."""

    kind: Literal["region"]
    where: Relations


AnchorModel = Annotated[
    PlaneModel | LevelModel | BoxModel | RegionModel, Field(discriminator="kind")
]


class AnchorFile(Form):
    """The whole of an anchors file."""

    schema_: Annotated[Literal["anchors/1"], Field(alias="schema")]
    anchors: dict[str, AnchorModel]
