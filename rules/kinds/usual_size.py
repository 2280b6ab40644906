"""`usual_size`: the whole is as large as a patient, by the usual sizes of many structures."""

from __future__ import annotations

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering

SIZE = "usual_size_mm"
"""The attribute that says how large a structure usually is."""


class Limits(Form):
    """How far from the usual size the whole may be."""

    at_least: int = Field(
        ge=1,
        default_factory=lambda: int(default("scale_fewest")),
        description="With fewer structures nothing is said.",
    )
    at_least_times: float = Field(gt=0, default_factory=lambda: default("scale_at_least"))
    at_most_times: float = Field(gt=0, default_factory=lambda: default("scale_at_most"))
    uneven_times: float = Field(
        ge=1,
        default_factory=lambda: default("scale_uneven"),
        description="The most that one direction may be larger than another.",
    )


class UsualSizeExpect(Form):
    """The whole is as large as a patient, in all directions alike."""

    usual_size: Limits


def lower(form: UsualSizeExpect, context: Lowering) -> Lowered:
    """Give the usual size of every structure that declares one."""
    ontology, known = context.scope.ontology, context.table.labels
    groups: dict[tuple[float, float, float], list[int]] = {}
    for name in context.structures:
        written = ontology.get(name, SIZE) if SIZE in ontology.attributes else None
        # What a group declares is the size of one side; both in one label are none of it.
        undivided = ontology.get(name, "components") == "two"
        if written is not None and name in known and not undivided:
            x, y, z = (float(side) for side in written)
            groups.setdefault((x, y, z), []).append(known[name])
    if not groups:
        return ()
    limits = form.usual_size
    return (
        eng.Scale(
            sizes=tuple(eng.UsualSize(tuple(found), *size) for size, found in groups.items()),
            at_least=limits.at_least,
            at_least_times=limits.at_least_times,
            at_most_times=limits.at_most_times,
            uneven_times=limits.uneven_times,
        ),
    )


_TIMES = " ({x} from right to left, {y} from front to back, {z} from head to foot; median of"
_OF = " {compared} structures); is the spacing right?"

USUAL_SIZE = Expectation(
    key="usual_size",
    form=UsualSizeExpect,
    lower=lower,
    written="`{usual_size: {at_least, at_least_times, at_most_times, uneven_times}}`",
    holds="as large as a patient, in all directions alike: the median of what the structures"
    " declare as `usual_size_mm`",
    sentences={
        "too small a patient": "{times} times the usual size" + _TIMES + _OF,
        "too large a patient": "{times} times the usual size" + _TIMES + _OF,
        "stretched": "not in proportion: {times} times the usual size" + _TIMES + _OF,
    },
    more="What the border of the scan cuts is not compared. With `each: source` each source is"
    " judged by itself, and nothing of one that is out of scale is repaired.",
)
