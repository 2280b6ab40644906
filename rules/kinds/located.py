"""What `within`, `outside` and `absent` share: how much of a structure lies in a region."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import MeantPlaced, SparedPlaced

IN_THE_REGION: Final = {"in the region": "lies where it should not"}
"""Of parts that lie in a region; also of an absence with `where`."""


class PlacedForm(Form):
    """What may be written of the parts that lie wrong."""

    only: MeantPlaced = Field(MeantPlaced(), description="Which parts may not lie there.")
    spare: SparedPlaced = Field(SparedPlaced(), description="Which parts may.")

    def lower_meant(self, context: Lowering) -> eng.Meant | None:
        """Give the parts that are at fault where they lie wrong; None where nothing can be."""
        near = context.near(self.only.near, "expect", "only")
        if near is not None and not near.labels:
            return None
        shares = self.only.share_of_largest
        least, most = (shares.at_least, shares.at_most) if shares else (None, None)
        return eng.Meant(
            self.spare.smaller_than_ml,
            0.0 if least is None else least,
            1.0 if most is None else most,
            self.spare.cut,
            near,
            context.near(self.spare.near, "expect", "spare"),
        )


def lower_located(
    region: eng.Region | None, inside: bool, share: float, form: PlacedForm, context: Lowering
) -> Lowered:
    """Give where what is judged lies; nothing where the region is wrong."""
    labels = context.judged()
    meant = form.lower_meant(context)
    if region is None or not labels or meant is None:
        return ()
    return (eng.Located(labels, region, inside, context.per, share, meant),)
