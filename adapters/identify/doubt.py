"""Whether a file that is read with one scheme looks like one of another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from vesalius.adapters.files.class_table import ClassTable
from vesalius.adapters.files.io_diagnostics import listing
from vesalius.adapters.identify.evidence import LARGEST_SIZE_FACTOR
from vesalius.adapters.identify.expected import Looks
from vesalius.adapters.identify.fit import LEAST_CHECKED, Evidence, reasons_of, scale_of
from vesalius.adapters.identify.seen import seen_in
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.ontology.reading.diagnostics import Diagnostic

if TYPE_CHECKING:
    from vesalius.ontology.graph import Ontology
    from vesalius.ontology.scheme.scheme import Scheme

CONTRADICTED_SHARE: Final = 0.25
"""Other schemes are looked at only where one kind of evidence speaks against more of the labels
that it was asked of. Mistakes of a model, and patients out of the ordinary, stay below it; a wrong
scheme does not, for it is wrong in whole families."""
LEAST_AGREEMENT: Final = 0.8
"""So well the labels must look like what they are in the other scheme, on average: more than a
scheme gets of whose structures nothing is known, so that it is found for what it says."""
SHOWN: Final = 3


def doubt_of(
    labels: LabelMap,
    path: str,
    scheme: ClassTable,
    looks: Looks,
    known: Callable[[], tuple[Scheme, Ontology]],
) -> Diagnostic | None:
    """Warn where labels look clearly more like another scheme than like the one they are read with.

    Parameters
    ----------
    labels : LabelMap
        In the integers of the scheme.
    path : str
        What messages call it.
    scheme : ClassTable
        What they are read with.
    looks : Looks
        What its structures look like.
    known : callable
        Gives the scheme as it was read, and the ontology, whose project's schemes are looked at
        too. Called only where something speaks against the scheme: most files need neither.

    Returns
    -------
    Diagnostic or None
        IDN002, a warning.
    """
    seen = seen_in(labels, path)
    if not len(seen):
        return None
    contradicting = _contradicting(reasons_of(seen, scheme, looks))
    if not contradicting or _out_of_scale(scale_of(seen, scheme, looks)):
        return None
    from vesalius.adapters.identify.ranking import better_than  # noqa: PLC0415 - reads all schemes
    from vesalius.adapters.identify.shifted import shift_of  # noqa: PLC0415

    whole, ontology = known()
    found, best = better_than(seen, whole, ontology)
    shift = shift_of(seen, whole, looks)
    if shift is not None and (best is None or shift.agreement > best.agreement.mean()):
        text = (
            f"{shift.text()} for `{scheme.name}`; as it is read: "
            f"{'; '.join(reason.text() for reason in contradicting)}"
        )
        return Diagnostic("IDN002", "warning", text, path=path, help=shift.hint())
    if found is None or best is None or best.agreement.mean() < LEAST_AGREEMENT:
        return None
    names = [f"`{name}`" for name in (*found.readings[0].schemes, *found.rivals)]
    text = (
        f"this looks like {listing(names, SHOWN)}, not like `{scheme.name}` as it is read: "
        f"{'; '.join(reason.text() for reason in contradicting)}"
    )
    hint = "`vesalius identify` (in Python `vesalius.identify`) ranks all schemes, with reasons"
    return Diagnostic("IDN002", "warning", text, path=path, help=hint)


def _out_of_scale(scale: float | None) -> bool:
    """Tell whether all structures are too large or too small alike: no scheme is to blame."""
    return scale is not None and abs(math.log(scale)) > math.log(LARGEST_SIZE_FACTOR)


def _contradicting(reasons: Iterable[Evidence]) -> list[Evidence]:
    """Give the looks that speak against a scheme."""
    return [
        reason
        for reason in reasons
        if reason.asked >= LEAST_CHECKED
        and reason.asked - reason.held > CONTRADICTED_SHARE * reason.asked
    ]
