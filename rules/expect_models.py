"""What a rule may expect, as written: one form per kind, told apart by its key."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, RootModel, Tag, model_validator
from pydantic_core import PydanticCustomError

from vesalius.rules.form_key import WORD, Form, form_by_key
from vesalius.rules.place_models import Direction, Region, Text

Share = Annotated[float, Field(gt=0, le=1)]
Length = Annotated[float, Field(ge=0)]
Sequence = str | list[str]
Connectivity = Literal[6, 18, 26]


class Bounds(Form):
    """A range that is closed at both ends; one end may be left open."""

    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _a_range(self) -> Bounds:
        if self.at_least is None and self.at_most is None:
            kind, message = "no_bound", "needs `at_least` or `at_most`"
            raise PydanticCustomError(kind, message)
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            kind, message = "empty_range", "`at_least` is more than `at_most`"
            raise PydanticCustomError(kind, message)
        return self


class WordExpect(RootModel[Literal["absent", "present"]]):
    """No part of the structures is there; or all structures are there."""


class AbsentLimit(Form):
    """How much may be there all the same."""

    at_most_ml: Annotated[float, Field(ge=0)]


class AbsentExpect(Form):
    """No more than so much of the structures lies in `where`."""

    absent: AbsentLimit


class PresentExpect(Form):
    """All of the structures, or at least some, have voxels."""

    present: Literal["all", "some"]


class Shares(Form):
    """A range of shares, closed at both ends."""

    at_least: Share | None = None
    at_most: Share | None = None

    @model_validator(mode="after")
    def _a_range(self) -> Shares:
        Bounds(at_least=self.at_least, at_most=self.at_most)
        return self


class PieceLimits(Form):
    """How many connected components a structure has."""

    at_most: Annotated[int, Field(ge=1)] | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None
    together: bool = Field(False, description="Count the structures as if they were one.")
    ignore_below_ml: Annotated[float, Field(ge=0)] = 0.0
    connectivity: Connectivity = 6
    share_of_largest: Shares | None = Field(
        None, description="Other components than these, compared with the largest, may be there."
    )
    spare_near_mm: Length = Field(
        0.0, description="A component this near to one that stays may be there."
    )
    spare_lone: bool = Field(
        False, description="A component that touches none of the other structures may be there."
    )
    touching_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0,
        description="A component may be there unless this share of its faces borders on the other"
        " structures.",
    )
    spare_border_mm: Length | None = Field(
        None,
        description="A component this near to the border of the scan may be there; 0 is the"
        " outermost layer.",
    )

    @model_validator(mode="after")
    def _a_range(self) -> PieceLimits:
        Bounds(at_least=self.at_least, at_most=self.at_most)
        return self


class ComponentsExpect(Form):
    """Each structure has so many connected components."""

    components: PieceLimits


class UndividedLimits(Form):
    """What counts as a component with two names."""

    ignore_below_ml: Length = 0.0
    connectivity: Connectivity = 6
    skip_cut: bool = Field(False, description="Leave out what the border of the scan cuts.")


class UndividedExpect(Form):
    """A component of the structures, pooled, carries one name where it is clear which."""

    undivided: UndividedLimits


class OwnSideExpect(Form):
    """Structures of a side lie on that side of a plane."""

    on_own_side: Text
    whole_share: Share = Field(
        0.9, description="A component with this share on one side counts as lying there whole."
    )
    leave_unsure: bool = Field(
        False,
        description="Only what lies whole on the other side, while the rest of its pair is clear.",
    )
    near_mirror_mm: Length | None = Field(
        None, description="With `leave_unsure`: only what comes so near to its mirror."
    )
    images_mm: Length | None = Field(
        None,
        description="With `leave_unsure`: two bodies with one name belong to a pair if their"
        " centres are mirror images up to this distance.",
    )
    whole_only: Any = Field(
        None, description="With `leave_unsure`: of these only pairs that are swapped."
    )

    @model_validator(mode="after")
    def _only_where_unsure(self) -> OwnSideExpect:
        for key in ("near_mirror_mm", "images_mm", "whole_only"):
            if getattr(self, key) is not None and not self.leave_unsure:
                kind, message = "needs_leave_unsure", f"`{key}` needs `leave_unsure: true`"
                raise PydanticCustomError(kind, message)
        return self


class WithinExpect(Form):
    """At least a share of each structure lies in a region."""

    within: Region
    share: Share = 1.0


class OutsideExpect(Form):
    """At least a share of each structure lies outside a region."""

    outside: Region
    share: Share = 1.0


class OrderedExpect(Form):
    """The centres of a sequence advance along a direction; or of each right and left structure."""

    ordered: Sequence = Field(description="A sequence, a list of structures, or `mirror`.")
    direction: Direction | None = Field(
        None, description="By default the direction of the sequence."
    )
    step_mm: Bounds | None = Field(None, description="Range of the step between neighbours.")
    tolerance_mm: Length = Field(0.0, description="A step back of this length is no fault.")
    skip_cut: bool = Field(True, description="Leave out what the border of the scan cuts.")


class ContiguousExpect(Form):
    """Between the first and the last member that is present none is missing."""

    contiguous: Sequence
    skip_cut: bool = Field(False, description="Leave out a gap between two that the scan cuts.")


class TouchesExpect(Form):
    """Each structure comes near one of some others."""

    touches: Any
    gap_mm: Length = 0.0


class InsideExpect(Form):
    """Each structure is surrounded by others."""

    inside: Any
    share: Share = 1.0


class VolumeLimits(Bounds):
    """A range of volumes."""

    together: bool = Field(False, description="The volume of all structures together.")


class Declared(RootModel[Literal["declared"]]):
    """The range that the structure itself declares."""


def _declared_or_range(value: object) -> str:
    return WORD if isinstance(value, str) else "range"


class VolumeExpect(Form):
    """The volume of each structure, in millilitres, lies in a range."""

    volume_ml: Annotated[
        Annotated[Declared, Tag(WORD)] | Annotated[VolumeLimits, Tag("range")],
        Discriminator(_declared_or_range),
    ]


class RatioLimits(Bounds):
    """A range of ratios to other structures."""

    to: Any


class VolumeRatioExpect(Form):
    """The volume of the structures over that of others lies in a range."""

    volume_ratio: RatioLimits


class HuExpect(Form):
    """The mean Hounsfield value of each structure lies in a range."""

    hu: Annotated[
        Annotated[Declared, Tag(WORD)] | Annotated[Bounds, Tag("range")],
        Discriminator(_declared_or_range),
    ]


class SymmetricExpect(Form):
    """The volume of each left structure over that of its mirror lies in a range."""

    symmetric: Bounds


class HoleLimits(Form):
    """How large an enclosed cavity may be."""

    at_most_ml: Annotated[float, Field(ge=0)]


class HolesExpect(Form):
    """Each structure has no larger enclosed cavity of background."""

    holes: HoleLimits


class Count(Form):
    """Two sequences whose members are numbered by their place."""

    left: Sequence
    right: Sequence
    anchor: Text
    by: Literal["mean", "median"] = "median"
    direction: Direction | None = Field(
        None, description="By default the direction of the sequences."
    )
    connectivity: Connectivity = 6
    clear_mm: Length | None = Field(
        None,
        description="Only where each component is a whole structure, no two are the same, and those"
        " that change places are at least so far apart.",
    )


class CountedExpect(Form):
    """The components of two sequences carry the number of their place."""

    counted: Count


class Chain(Form):
    """A sequence whose members are numbered by their place."""

    sequence: Sequence
    direction: Direction | None = Field(None, description="By default that of the sequence.")
    may_lack: Any = Field(None, description="Structures whose absence proves nothing.")
    clear_mm: Length = Field(0.0, description="Those out of place are at least so far apart.")
    connectivity: Connectivity = 6


class NumberedExpect(Form):
    """The bodies of a chain carry their names in order, where it is clear which are wrong."""

    numbered: Chain


class Agreement(Form):
    """Which measurements must agree."""

    anchor: Text
    direction: Direction
    expected: Annotated[int, Field(ge=2)]
    connectivity: Connectivity = 6
    sides: bool = Field(True, description="Sides by the plane and by the outermost point.")
    order: bool = Field(True, description="Order by the median and by the lowest point.")

    @model_validator(mode="after")
    def _something(self) -> Agreement:
        if not (self.sides or self.order):
            kind, message = "nothing_agrees", "needs `sides` or `order`"
            raise PydanticCustomError(kind, message)
        return self


class AgreesExpect(Form):
    """Sides and order of components do not depend on how they are measured."""

    agrees: Agreement


class PlausibleExpect(Form):
    """An anchor can be fitted and its fit is plausible."""

    plausible: Text


EXPECT_HEADS: Final = {
    key: f"expect {key}"
    for key in (
        "absent", "present", "components", "undivided", "on_own_side", "within", "outside",
        "ordered", "contiguous", "touches", "inside", "volume_ml", "volume_ratio", "hu",
        "symmetric", "holes", "counted", "numbered", "agrees", "plausible",
    )
}  # fmt: skip

ExpectForm = (
    WordExpect
    | AbsentExpect
    | PresentExpect
    | ComponentsExpect
    | UndividedExpect
    | OwnSideExpect
    | WithinExpect
    | OutsideExpect
    | OrderedExpect
    | ContiguousExpect
    | TouchesExpect
    | InsideExpect
    | VolumeExpect
    | VolumeRatioExpect
    | HuExpect
    | SymmetricExpect
    | HolesExpect
    | CountedExpect
    | NumberedExpect
    | AgreesExpect
    | PlausibleExpect
)

Expect = Annotated[
    Annotated[WordExpect, Tag(WORD)]
    | Annotated[AbsentExpect, Tag("expect absent")]
    | Annotated[PresentExpect, Tag("expect present")]
    | Annotated[ComponentsExpect, Tag("expect components")]
    | Annotated[UndividedExpect, Tag("expect undivided")]
    | Annotated[OwnSideExpect, Tag("expect on_own_side")]
    | Annotated[WithinExpect, Tag("expect within")]
    | Annotated[OutsideExpect, Tag("expect outside")]
    | Annotated[OrderedExpect, Tag("expect ordered")]
    | Annotated[ContiguousExpect, Tag("expect contiguous")]
    | Annotated[TouchesExpect, Tag("expect touches")]
    | Annotated[InsideExpect, Tag("expect inside")]
    | Annotated[VolumeExpect, Tag("expect volume_ml")]
    | Annotated[VolumeRatioExpect, Tag("expect volume_ratio")]
    | Annotated[HuExpect, Tag("expect hu")]
    | Annotated[SymmetricExpect, Tag("expect symmetric")]
    | Annotated[HolesExpect, Tag("expect holes")]
    | Annotated[CountedExpect, Tag("expect counted")]
    | Annotated[NumberedExpect, Tag("expect numbered")]
    | Annotated[AgreesExpect, Tag("expect agrees")]
    | Annotated[PlausibleExpect, Tag("expect plausible")],
    Discriminator(
        form_by_key(EXPECT_HEADS),
        custom_error_type="expect_form",
        custom_error_message=(
            f"no form of expectation has these keys; known are {', '.join(EXPECT_HEADS)}"
        ),
    ),
]
