"""`derive: {hu: ...}`: voxels of a Hounsfield window in a region become a structure."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.destination import BACKGROUND
from vesalius.rules.kinds.kind import Derivation
from vesalius.rules.lowering import Lowering
from vesalius.rules.places.relation_models import Relations, Text

UNLABELLED: Final = "unlabelled"


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


def lower(form: HuDerive, context: Lowering) -> eng.Derive | None:
    """Give the window and the region."""
    label = context.structure(form.to, "derive", "to")
    region = () if form.where is None else context.region(form.where, "derive", "where")
    over = _over(form.over, context)
    low, high = form.hu
    if low > high:
        place = context.path("derive", "hu")
        context.scope.report("RUL019", "the lowest value is above the highest", place)
        return None
    if label is None or region is None or not over:
        return None
    return eng.FromHu(label, low, high, region, over, form.keep_largest)


def _over(written: object, context: Lowering) -> tuple[int, ...]:
    entries: list[tuple[object, tuple[str | int, ...]]]
    if isinstance(written, list):
        entries = [(entry, ("derive", "over", i)) for i, entry in enumerate(written)]
    else:
        entries = [(written, ("derive", "over"))]
    labels: set[int] = set()
    for entry, at in entries:
        labels |= {BACKGROUND} if entry == UNLABELLED else set(context.select(entry, *at))
    return tuple(sorted(labels))


DERIVE_HU = Derivation(
    key="hu",
    form=HuDerive,
    lower=lower,
    written="`{hu: [350, 3000], over: unlabelled | SELECTOR | [...], where: {...}, to: NAME,"
    " keep_largest: 1}`",
    makes="voxels of a Hounsfield window become a structure",
)
