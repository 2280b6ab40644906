"""The grammar of a phantom description, as pydantic models."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Len
from pydantic import Discriminator, Field, Tag, model_validator

from vesalius.ontology.reading.form import Form

Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[Finite, Gt(0)]
Point = Annotated[list[Finite], Len(3, 3)]
Pair = Annotated[list[Finite], Len(2, 2)]
Radii = Annotated[list[Positive], Len(3, 3)]
Row = Annotated[list[Finite], Len(5, 5)]

SOLIDS = ("ellipsoid", "cylinder", "box", "tube", "sheet", "outline")


class EllipsoidForm(Form):
    """An ellipsoid; `turn` in degrees about x, then y, then z."""

    at: Point
    radii: Radii
    turn: Point = Field([0.0, 0.0, 0.0])


class CylinderForm(Form):
    """An elliptic cylinder that stands on z before it is turned."""

    at: Point
    radii: Annotated[list[Positive], Len(2, 2)]
    height: Positive
    turn: Point = Field([0.0, 0.0, 0.0])


class BoxForm(Form):
    """A box with rounded edges."""

    at: Point
    size: Radii
    round: Annotated[Finite, Ge(0)] = 0.0
    turn: Point = Field([0.0, 0.0, 0.0])


class SweepForm(Form):
    """A curve on an outline: from one angle and height to another, in even steps."""

    on: str
    angles: Pair
    z: Pair
    shrink: Finite = 0.0
    steps: Annotated[int, Ge(1)] = 5


def _kind(value: Any) -> str:  # noqa: ANN401 - any YAML value
    return "sweep" if isinstance(value, dict | SweepForm) else "point"


Waypoint = Annotated[
    Annotated[Point, Tag("point")] | Annotated[SweepForm, Tag("sweep")], Discriminator(_kind)
]


class TubeForm(Form):
    """A tube along a smooth curve; one radius, or one for each point of the path."""

    path: Annotated[list[Waypoint], Len(1)]
    radius: Annotated[
        Annotated[Positive, Tag("one")] | Annotated[list[Positive], Tag("each")],
        Discriminator(lambda value: "each" if isinstance(value, list) else "one"),
    ]


class SheetForm(Form):
    """A sheet of one thickness between two smooth curves."""

    from_: Annotated[list[Waypoint], Len(1)] = Field(alias="from")
    to: Annotated[list[Waypoint], Len(1)]
    thickness: Positive


class OutlineForm(Form):
    """One of the named outlines, or the part of it between two heights."""

    name: str
    z: Pair | None = None


class CutForm(Form):
    """A plane; the side its normal points to is kept."""

    through: Point
    normal: Point


class ShapeForm(Form):
    """One solid, and what is done to it before it is painted."""

    ellipsoid: EllipsoidForm | None = None
    cylinder: CylinderForm | None = None
    box: BoxForm | None = None
    tube: TubeForm | None = None
    sheet: SheetForm | None = None
    outline: OutlineForm | None = None
    shrink: Finite = 0.0
    hollow: Positive | None = None
    both: bool = False
    inside: list[ShapeForm] = Field([])
    outside: list[ShapeForm] = Field([])
    cut: list[CutForm] = Field([])

    @model_validator(mode="after")
    def _one_solid(self) -> ShapeForm:
        given = [name for name in SOLIDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a shape is exactly one of {', '.join(SOLIDS)}")
        return self


class PlacementForm(Form):
    """Where a member of a family stands: its own frame is scaled, tilted about x and moved."""

    at: Point
    scale: Radii = Field([1.0, 1.0, 1.0])
    tilt: Finite = 0.0


class VaryForm(Form):
    """How far a structure may be moved (mm) and scaled (share) by the seed."""

    shift: Annotated[Finite, Ge(0)] = 0.0
    scale: Annotated[Finite, Ge(0)] = 0.0
    group: str | None = Field(default=None, alias="with")


class EntryForm(Form):
    """One step of painting."""

    paint: str | None = None
    paint_each: dict[str, PlacementForm] | None = None
    hu: Finite | None = None
    noise_hu: Annotated[Finite, Ge(0)] | None = None
    sex: str | None = None
    mirror: bool = False
    over: list[str] = Field([])
    spare: list[str] = Field([])
    vary: VaryForm | None = None
    shapes: Annotated[list[ShapeForm], Len(1)]

    @model_validator(mode="after")
    def _one_target(self) -> EntryForm:
        if (self.paint is None) == (self.paint_each is None):
            raise ValueError("write either `paint` or `paint_each`")
        return self


class DefaultsForm(Form):
    """Values for the entries of a layer that do not give their own."""

    hu: Finite
    noise_hu: Annotated[Finite, Ge(0)]


class LayerFile(Form):
    """A file of entries, painted in the order they are written."""

    schema_: Literal["phantom_layer/1"] = Field(alias="schema")
    about: str = ""
    defaults: DefaultsForm
    entries: Annotated[list[EntryForm], Len(1)]


class FieldForm(Form):
    """The extent of the scan in mm."""

    x: Pair
    y: Pair
    z: Pair


class OutlineRows(Form):
    """Cross-sections: rows of z, centre x, centre y, radius x, radius y; z ascends."""

    rows: Annotated[list[Row], Len(2)]
    power: Annotated[Finite, Ge(1)] = 2.0

    @model_validator(mode="after")
    def _ascending(self) -> OutlineRows:
        heights = [row[0] for row in self.rows]
        if any(b <= a for a, b in pairwise(heights)):
            raise ValueError("the heights of the rows must ascend")
        if any(min(row[3:]) <= 0 for row in self.rows):
            raise ValueError("the radii of the rows must be positive")
        return self


class TidyForm(Form):
    """After painting, each structure keeps its largest piece; what becomes of the others."""

    fragmented: list[str]
    into: Annotated[list[str], Len(1)]


class SexForm(Form):
    """How the body of one sex is scaled along x, y and z."""

    scale: Radii


class AirForm(Form):
    """What surrounds the body in the CT."""

    hu: Finite
    noise_hu: Annotated[Finite, Ge(0)]


class BodyFile(Form):
    """The frame of a phantom: extent, outlines, region bands and the layers to paint."""

    schema_: Literal["phantom/1"] = Field(alias="schema")
    title: str
    about: str = ""
    field_of_view_mm: FieldForm
    sexes: Annotated[dict[str, SexForm], Len(1)]
    variation: Annotated[list[Annotated[Finite, Ge(0)]], Len(3, 3)]
    air: AirForm
    bands_mm: dict[str, Pair]
    outlines: dict[str, OutlineRows]
    tidy: TidyForm
    layers: Annotated[list[str], Len(1)]
