"""`on_own_side`: paired structures lie on their side of a plane."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import AlsoAcross, MeantAcross, Moved, Share, SparedAcross, moved_keys
from vesalius.rules.places.relation_models import Text


class OwnSideExpect(Form):
    """Structures of a side lie on that side of a plane."""

    on_own_side: Text
    whole_share: Share = Field(
        default("whole_share"),
        description="A component with this share on one side counts as lying there whole.",
    )
    only: MeantAcross = Field(MeantAcross(), description="Which parts are meant.")
    also: AlsoAcross | None = Field(None, description="What else is meant, with `sure`.")
    spare: SparedAcross | None = Field(None, description="Which parts are not, with `sure`.")

    moved: ClassVar[Moved] = moved_keys(
        "leave_unsure", "near_mirror_mm", "images_mm", "like_share", "whole_only"
    )

    @model_validator(mode="after")
    def _only_where_sure(self) -> OwnSideExpect:
        for key in ("also", "spare"):
            if getattr(self, key) is not None and not self.only.sure:
                raise PydanticCustomError("needs_sure", f"`{key}` needs `only: {{sure: true}}`")
        return self


def lower(form: OwnSideExpect, context: Lowering) -> Lowered:
    """Give the pairs of mirrors, that of the plane's positive side first."""
    plane = context.sided_plane(form.on_own_side, "expect", "on_own_side")
    pairs = context.paired("for")
    if plane is None or not pairs:
        return ()
    anchor, left_first = plane
    ordered = pairs if left_first else tuple((right, left) for left, right in pairs)
    spared: tuple[int, ...] = ()
    if form.spare is not None:
        spared = context.select(form.spare.unswapped, "expect", "spare", "unswapped")
    near, images = form.only.near, form.also.mirror_image if form.also else None
    near_to = context.near(near, "expect", "only")
    if near_to is not None and not near_to.labels:
        return ()
    return (
        eng.OnOwnSide(
            pairs=ordered,
            anchor=anchor,
            per=context.per,
            whole_share=form.whole_share,
            leave_unsure=form.only.sure,
            near_mirror_mm=near.mm if near and not near_to else None,
            images_mm=images.mm if images else None,
            like_share=images.like_share if images else default("image_like_share"),
            waist_mm=images.waist_mm if images else 0.0,
            whole_only=tuple(sorted({label for pair in pairs for label in pair} & set(spared))),
            near_to=near_to,
        ),
    )


ON_OWN_SIDE = Expectation(
    key="on_own_side",
    form=OwnSideExpect,
    lower=lower,
    written="`{on_own_side: midline, whole_share: 0.9, only: {sure, near}, also: {mirror_image},"
    " spare: {unswapped: SELECTOR}}`",
    holds="paired structures lie on their side; of parts that do not, `only: {sure: true}` finds"
    " what is beyond doubt; `also` adds to that, and `spare` leaves out",
    takes_per=True,
    repairs=MOVES,
    sentences={"on the other side": "lies on the other side"},
)
