"""Which parts of a structure a rule counts, spares or means, as written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default

Share = Annotated[float, Field(gt=0, le=1)]
Area = Annotated[float, Field(ge=0)]
Length = Annotated[float, Field(ge=0)]
Volume = Annotated[float, Field(ge=0)]
Connectivity = Literal[6, 18, 26]

Members = str | list[str | dict[str, Any]]
"""A sequence by name, or a list in order: structures, sequences, or selectors that pick
one structure each."""


class Bounds(Form):
    """A range that is closed at both ends; one end may be left open."""

    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _a_range(self) -> Bounds:
        check_bounds(self.at_least, self.at_most)
        return self


class Shares(Bounds):
    """A range of shares, closed at both ends."""

    at_least: Share | None = None
    at_most: Share | None = None


def check_bounds(at_least: float | None, at_most: float | None) -> None:
    """Check that there is a range.

    Raises
    ------
    PydanticCustomError
        Where both ends are open, or nothing lies between them.
    """
    if at_least is None and at_most is None:
        kind, message = "no_bound", "needs `at_least` or `at_most`"
        raise PydanticCustomError(kind, message)
    if at_least is not None and at_most is not None and at_least > at_most:
        kind, message = "empty_range", "`at_least` is more than `at_most`"
        raise PydanticCustomError(kind, message)


class StepBounds(Form):
    """A range in usual steps of the patient at hand, closed at both ends."""

    median_of: Members | None = Field(
        None,
        description="A sequence, or a list of structures, by default those that are ordered: the"
        " unit is the median step between the centres of those that follow each other. At least"
        " three must be there.",
    )
    at_least: Annotated[float, Field(gt=0)] | None = None
    at_most: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _a_range(self) -> StepBounds:
        check_bounds(self.at_least, self.at_most)
        return self


class StepsAtMost(Form):
    """A length in usual steps of the patient at hand."""

    median_of: Members = Field(
        description="A sequence, or a list of structures: the unit is the median step between the"
        " centres of those that follow each other. At least three must be there."
    )
    at_most: Annotated[float, Field(gt=0)]


def check_needs(form: Form, needed: str, *keys: str) -> None:
    """Check that no key is written that means something only beside another one.

    Raises
    ------
    PydanticCustomError
        Where the other one is lacking.
    """
    for key in keys:
        if key in form.model_fields_set and getattr(form, needed) is None:
            kind, message = "needs_key", f"`{key}` needs `{needed}`"
            raise PydanticCustomError(kind, message)


def check_one_of(form: Form, *keys: str) -> None:
    """Check that at most one of some keys is written.

    Raises
    ------
    PydanticCustomError
        Where there are several.
    """
    written = [key for key in keys if getattr(form, key) is not None]
    if len(written) > 1:
        kind, message = "one_of", f"needs only one of {' and '.join(f'`{key}`' for key in written)}"
        raise PydanticCustomError(kind, message)


# The words for parts. Under `only` all that is written must be so of a part that is meant, and one
# thing that is so of it is enough under `spare`; each kind takes the words that it can tell.


class Within(Form):
    """So near to something."""

    mm: Length


class NearOthers(Form):
    """So near to other structures."""

    of: Any = Field(description="A selector; nothing is near to its own structure by this.")
    mm: Length

    word: ClassVar[str | None] = None
    """What may stand there instead of a selector."""

    @model_validator(mode="after")
    def _word_or_structures(self) -> NearOthers:
        if self.of in ("kept", "mirror") and self.of != self.word:
            known = f"`{self.word}` or a selector" if self.word else "a selector"
            kind, message = "near_what", f"`of: {self.of}` means nothing here; it takes {known}"
            raise PydanticCustomError(kind, message)
        return self

    @property
    def selects(self) -> bool:
        """Whether structures are selected."""
        return self.word is None or self.of != self.word


class NearKept(NearOthers):
    """So near to a part that stays, or to other structures."""

    of: Any = Field(description="`kept`, what stays of its structure; or a selector of others.")

    word: ClassVar[str | None] = "kept"


class NearMirror(NearOthers):
    """So near to the body of the mirror, or to other structures."""

    of: Any = Field(description="`mirror`, the body of its mirror; or a selector of others.")

    word: ClassVar[str | None] = "mirror"


class FacesTouched(Form):
    """How much of a part touches."""

    share: Share


class MirrorImage(Form):
    """When two bodies with one name are both of a pair."""

    mm: Length = Field(
        description="So far the centre of one may be from that of the other in the mirror."
    )
    like_share: Share = Field(
        default("image_like_share"), description="The smaller one has this share of the larger."
    )
    waist_mm: Length = Field(
        0.0,
        description="One body is parted where it is narrowest, so near to the plane.",
    )


class Cut(Form):
    """What the border of the scan cuts."""

    cut: bool = Field(False, description="What the border of the scan cuts.")


class CutAtEnds(Form):
    """What the scan cuts at its ends, unless it is written otherwise."""

    cut: bool | Literal["any_face"] = Field(
        True,
        description="What the scan cuts at an end along the direction; `any_face`: what its border"
        " cuts anywhere.",
    )


class SmallerThan(Form):
    """What is too small."""

    smaller_than_ml: Volume = Field(0.0, description="What is smaller; it is not counted either.")


class SparedPooled(SmallerThan, Cut):
    """Parts of pooled structures that may be as they are."""


class SparedPlaced(SmallerThan, Cut):
    """Parts that may lie where they should not."""

    near: NearOthers | None = Field(None, description="What is so near to other structures.")


class MeantPlaced(Form):
    """Parts that may not lie there."""

    share_of_largest: Shares | None = Field(
        None, description="So large, compared with the largest piece of their structure."
    )
    near: NearOthers | None = Field(None, description="So near to other structures.")


class SparedPieces(SmallerThan):
    """Components beyond the largest that may be there all the same."""

    cut: bool | Within = Field(
        False,
        description="What the border of the scan cuts (its outermost layer of voxels), or what"
        " lies within `mm` of that.",
    )
    near: NearKept | None = Field(
        None, description="What is so near to one that stays, or to other structures."
    )
    lone: bool = Field(False, description="What touches none of the other structures.")

    @property
    def border_mm(self) -> float | None:
        """So near to the border of the scan a component may be there; None where that tells not."""
        if isinstance(self.cut, Within):
            return self.cut.mm
        return 0.0 if self.cut else None


class MeantPieces(Form):
    """Components beyond the largest that may not be there."""

    share_of_largest: Shares | None = Field(
        None, description="So large, compared with the largest of their structure."
    )
    touches: FacesTouched | None = Field(
        None, description="So much of their faces borders on the other structures."
    )


class MeantAcross(Form):
    """Which parts on the other side are meant."""

    sure: bool = Field(
        False,
        description="What lies whole on the other side, while the rest of its pair is clear; and"
        " pairs that are swapped, while more are right.",
    )
    near: NearMirror | None = Field(
        None,
        description="With `sure`, of pairs that are not swapped: so near to the mirror, or"
        " to other structures.",
    )

    @model_validator(mode="after")
    def _sure(self) -> MeantAcross:
        if self.near is not None and not self.sure:
            raise PydanticCustomError("needs_sure", "`near` needs `sure: true`")
        return self


class AlsoAcross(Form):
    """What else is sure to lie on the other side."""

    mirror_image: MirrorImage = Field(
        description="One of two bodies with one name, each the mirror image of the other, while"
        " nothing has the other name."
    )


class SparedAcross(Form):
    """Which parts on the other side may be there."""

    unswapped: Any = Field(description="Of these, all but pairs that are swapped.")


Moved = Mapping[str, str]
"""Keys of the past, each with what is written now."""

_MOVED: Final[Moved] = {
    "share_of_largest": "write `only: {share_of_largest: ...}` beside `components`",
    "touching_share": "write `only: {touches: {share: ...}}` beside `components`",
    "spare_near_mm": "write `spare: {near: {of: kept, mm: ...}}` beside `components`",
    "spare_lone": "write `spare: {lone: true}` beside `components`",
    "spare_border_mm": "write `spare: {cut: {mm: ...}}` beside `components`",
    "ignore_below_ml": "write `spare: {smaller_than_ml: ...}` beside what is expected",
    "skip_cut": "write `spare: {cut: ...}` beside what is expected",
    "leave_unsure": "write `only: {sure: true}`",
    "near_mirror_mm": "write `only: {sure: true, near: {of: mirror, mm: ...}}`",
    "images_mm": "write `also: {mirror_image: {mm: ...}}`",
    "like_share": "write `also: {mirror_image: {mm: ..., like_share: ...}}`",
    "whole_only": "write `spare: {unswapped: ...}`",
    "at_least_ml": "write `spare: {smaller_than_ml: ...}`",
}


def moved_keys(*keys: str) -> Moved:
    """Give keys that said in other words which parts are meant, each with what is written now."""
    return {key: _MOVED[key] for key in keys}
