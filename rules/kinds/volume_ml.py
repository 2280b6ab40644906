"""`volume_ml`: the volume lies in a range."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.form import WORD
from vesalius.rules.kinds.declared import Declared, declared, declared_or_range
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Bounds


class VolumeLimits(Bounds):
    """A range of volumes."""

    together: bool = Field(False, description="The volume of all structures together.")


class VolumeExpect(Form):
    """The volume of each structure, in millilitres, lies in a range."""

    volume_ml: Annotated[
        Annotated[Declared, Tag(WORD)] | Annotated[VolumeLimits, Tag("range")],
        Discriminator(declared_or_range),
    ]


def lower(form: VolumeExpect, context: Lowering) -> Lowered:
    """Give the range; one for each that is declared."""
    limits = form.volume_ml
    if isinstance(limits, Declared):
        return tuple(
            eng.Volume(labels, low, high)
            for (low, high), labels in declared("volume_ml", context, of_one_side=True).items()
        )
    labels = context.judged()
    if not labels:
        return ()
    return (eng.Volume(labels, limits.at_least, limits.at_most, limits.together),)


VOLUME_ML = Expectation(
    key="volume_ml",
    form=VolumeExpect,
    lower=lower,
    written="`{volume_ml: {at_least, at_most, together}}`, `{volume_ml: declared}`",
    holds="size; `declared` is the range that the structure itself declares",
    repairs=MOVES,
    sentences={
        "too small": "{ml}, at least {at_least_ml} expected",
        "too large": "{ml}, at most {at_most_ml} expected",
    },
)
