"""From what is given to the ranking of all known schemes."""

from __future__ import annotations

from vesalius.adapters.files.given import Given
from vesalius.adapters.identify.ranking import Identification, rank
from vesalius.adapters.identify.seen import look_at
from vesalius.adapters.keeping.known import known_schemes
from vesalius.ontology.graph import Ontology


def identify_given(given: Given, ontology: Ontology) -> Identification:
    """Read a segmentation and rank every scheme that the ontology and its project have.

    Raises
    ------
    DiagnosticError
        Every problem of the files (IO0xx); IDN001 where there is no labelled voxel.
    """
    seen = look_at(given)
    known = known_schemes(ontology.project)
    return rank(seen, known.schemes, ontology, known.problems)
