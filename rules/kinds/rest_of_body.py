"""`derive: {rest_of_body: ...}`: what is in the body and has no name becomes a structure."""

from __future__ import annotations

from typing import Literal

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Derivation
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Length
from vesalius.rules.places.directions import DIRECTIONS
from vesalius.rules.places.relation_models import Text


class BodyRest(Form):
    """How the body is told from the table and the air.

    `enclosed` cavities are closed on all sides; `axial` ones only within their axial plane, which
    takes the air between the arm and the trunk for body where the hand touches the hip. With
    `unlisted` also what only a source has a class for, and the target none, is taken for nameless.
    """

    to: Text
    hu_at_least: float = default("hu_at_least")
    opening_mm: Length = default("opening_mm")
    cavities: Literal["enclosed", "axial"] = "enclosed"
    unlisted: bool = False


class BodyDerive(Form):
    """What is in the body and has no name becomes a structure."""

    rest_of_body: BodyRest


def lower(form: BodyDerive, context: Lowering) -> eng.Derive | None:
    """Give how the body is found."""
    rest = form.rest_of_body
    label = context.structure(rest.to, "derive", "rest_of_body", "to")
    if label is None:
        return None
    across = DIRECTIONS["superior"] if rest.cavities == "axial" else None
    over = context.unlisted() if rest.unlisted else ()
    return eng.RestOfBody(label, rest.hu_at_least, rest.opening_mm, across, over)


REST_OF_BODY = Derivation(
    key="rest_of_body",
    form=BodyDerive,
    lower=lower,
    written="`{rest_of_body: {to: NAME, hu_at_least: -300, opening_mm: 6, cavities: enclosed |"
    " axial, unlisted: false}}`",
    makes="what is in the body and has no name becomes a structure; `unlisted: true` also paints"
    " over what only a source lists, and the target does not",
)
