"""The problems of a self-training pipeline, as diagnostics with the codes ``STR001``...

Every code has a page in ``adapters/codes``, whose first line is its title.
"""

from __future__ import annotations

from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.ontology.reading.diagnostics import DiagnosticError


def stop(code: str, message: str, hint: str | None = None) -> DiagnosticError:
    """Build the exception for one error that stands in no file."""
    return DiagnosticError([error(code, message, None, hint)])
