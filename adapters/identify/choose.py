"""A scheme for a segmentation that none was named for: a clear winner, or none."""

from __future__ import annotations

from typing import Final

from vesalius.adapters.files.given import Given
from vesalius.adapters.files.io_diagnostics import listing
from vesalius.adapters.identify.fit import LEAST_CHECKED
from vesalius.adapters.identify.identify import identify_given
from vesalius.adapters.identify.ontology_looks import OntologyLooks
from vesalius.adapters.identify.ranking import Identification, leads_clearly, rank
from vesalius.adapters.identify.seen import seen_in
from vesalius.adapters.identify.shifted import shift_of
from vesalius.adapters.keeping.known import known_schemes
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.scheme import Scheme

LEAST_LIKENESS: Final = 0.8
"""So well labels must look like what they are in a scheme before it is named unasked."""
SHOWN: Final = 3


def choose_scheme(given: Given, ontology: Ontology) -> tuple[str, Diagnostic]:
    """Choose the scheme that fits a segmentation clearly best.

    Returns
    -------
    scheme : str
        Its name.
    told : Diagnostic
        IDN003, a note: which, and why.

    Raises
    ------
    DiagnosticError
        Every problem of the files (IO0xx); IDN001 where there is no labelled voxel; IDN004 where
        no scheme fits clearly best.
    """
    found = identify_given(given, ontology)
    if found.clear is None:
        hint = f"`vesalius identify {found.path}` ranks all with reasons; name the right one"
        raise DiagnosticError(
            [Diagnostic("IDN004", "error", _unclear(found), path=found.path, help=hint)]
        )
    best = found.readings[0].best
    same = [f"`{name}`" for name in found.readings[0].schemes[1:]]
    alike = f" ({listing(same, SHOWN)} would read it alike)" if same else ""
    reasons = "; ".join(reason.text() for reason in best.reasons)
    text = f"read as `{found.clear}`, which fits clearly best{alike}: {reasons}"
    return found.clear, Diagnostic("IDN003", "info", text, path=found.path)


def likeness(labels: LabelMap, path: str, scheme: Scheme, ontology: Ontology) -> str | None:
    """Say what labels look like that their scheme does not list; None where like nothing.

    Of other schemes only those that list all labels are asked: they are what a reader can take
    instead.

    Parameters
    ----------
    labels : LabelMap
        In the integers of the file.
    path : str
        What messages call it.
    scheme : Scheme
        Theirs.
    ontology : Ontology
        What structures look like; its project's schemes are looked at too.
    """
    seen = seen_in(labels, path)
    found = rank(seen, known_schemes(ontology.project).schemes, ontology)
    whole = [reading for reading in found.readings if None not in reading.best.reading]
    best = whole[0].best if whole else None
    shift = shift_of(seen, scheme, OntologyLooks(ontology))
    if shift is not None and (best is None or shift.agreement > best.agreement.mean()):
        return f"{shift.text()}, by what they look like: {shift.hint()}"
    if best is None or best.checked < LEAST_CHECKED:
        return None
    if best.agreement.mean() < LEAST_LIKENESS:
        return None
    near = (other.best for other in whole[1:])
    rivals = (other.scheme for other in near if not leads_clearly(best, other))
    names = [f"`{name}`" for name in (*whole[0].schemes, *rivals)]
    return f"it looks like {listing(names, SHOWN)} (`vesalius identify` gives the reasons)"


def _unclear(found: Identification) -> str:
    if found.best is None:
        return "no scheme lists any of its labels, so none can be chosen"
    first = found.readings[0]
    if None in first.best.reading:
        missing = first.best.reading.count(None)
        return f"no scheme lists all of its labels; `{found.best}` lacks {missing} of them"
    rivals = [f"`{name}`" for name in found.rivals]
    if not rivals:
        return f"`{found.best}` fits best, but too little of it could be checked"
    return f"`{found.best}` fits best, but not clearly better than {listing(rivals, SHOWN)}"
