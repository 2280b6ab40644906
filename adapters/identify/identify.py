"""From what is given to the ranking of all known schemes."""

from __future__ import annotations

from vesalius.adapters.files.given import Given
from vesalius.adapters.identify.ranking import Identification, known_schemes, rank
from vesalius.adapters.identify.seen import look_at
from vesalius.ontology.graph import Ontology


def identify_given(given: Given, ontology: Ontology) -> Identification:
    """Read a segmentation and rank every scheme that the ontology and its project have.

    Raises
    ------
    DiagnosticError
        Every problem of the files (IO0xx); IDN001 where there is no labelled voxel.
    """
    seen = look_at(given)
    schemes, problems = known_schemes(ontology)
    return rank(seen, schemes, ontology, problems)
