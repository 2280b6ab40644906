"""`absent`: nothing, or little, of the structures lies in `where`."""

from __future__ import annotations

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.kinds.kind import MOVES, Expectation, Lowered
from vesalius.rules.kinds.located import IN_THE_REGION, PlacedForm
from vesalius.rules.lowering import Lowering
from vesalius.rules.parts import Volume


class AbsentLimit(Form):
    """How much may be there all the same."""

    at_most_ml: Volume = 0.0


class AbsentExpect(PlacedForm):
    """No more than so much of the structures lies in `where`."""

    absent: AbsentLimit


def lower(form: AbsentExpect, context: Lowering) -> Lowered:
    """Give the absence of what is judged."""
    labels = context.judged()
    region = () if context.where is None else context.region(context.where, "where")
    meant = form.lower_meant(context)
    if not labels or region is None or meant is None:
        return ()
    return (eng.Absent(labels, region, context.per, form.absent.at_most_ml, meant),)


ABSENT = Expectation(
    key="absent",
    form=AbsentExpect,
    word=AbsentExpect(absent=AbsentLimit(at_most_ml=0.0)),
    lower=lower,
    written="`absent`, `{absent: {at_most_ml: 1}, only: {share_of_largest, near},"
    " spare: {smaller_than_ml, cut, near}}`",
    holds="nothing (or little) of it lies in `where`; `only` and `spare` say which parts are"
    " meant, also with `within` and `outside`",
    takes_where=True,
    takes_per=True,
    repairs=MOVES,
    sentences={"present": "should not be there", **IN_THE_REGION},
)
