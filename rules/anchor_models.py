"""The grammar of an anchors file, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from vesalius.rules.directions import DIRECTIONS
from vesalius.rules.place_models import Direction, Relations

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


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Limits(_Model):
    """What makes a fitted plane implausible."""

    tilt_deg: Annotated[float, Field(gt=0, le=90)]
    residual_mm: Annotated[float, Field(gt=0)]


class PlaneModel(_Model):
    """A plane fitted through the centres of structures."""

    about: str
    kind: Literal["plane"]
    through: Any
    at_least: Annotated[int, Field(ge=2)]
    toward: Direction
    within: Direction | None = None
    implausible: Limits


class LevelModel(_Model):
    """A plane across a patient axis, at the height of structures."""

    about: str
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


class BoxModel(_Model):
    """A box around structures, along the patient axes."""

    about: str
    kind: Literal["box"]
    around: Any
    margin_mm: float | dict[Direction, float] = 0.0
    at_least: Annotated[int, Field(ge=1)] | Literal["all"] = "all"


class RegionModel(_Model):
    """A name for relations to other places."""

    about: str
    kind: Literal["region"]
    where: Relations


AnchorModel = Annotated[
    PlaneModel | LevelModel | BoxModel | RegionModel, Field(discriminator="kind")
]


class AnchorFile(_Model):
    """The whole of an anchors file."""

    schema_: Annotated[Literal["anchors/1"], Field(alias="schema")]
    anchors: dict[str, AnchorModel]
