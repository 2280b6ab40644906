"""The problems of a self-training pipeline, as diagnostics with the codes ``STR001``...

Every code has a page in ``adapters/codes``; the titles here are the first lines of the pages.
"""

from __future__ import annotations

from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.ontology.reading.diagnostics import DiagnosticError

TITLES: dict[str, str] = {
    "STR001": "two models with one dataset id",
    "STR002": "the name of an expert cannot be used",
    "STR003": "too few cases for the folds",
    "STR004": "a trainer in the wrong place",
    "STR005": "predictions cannot go where the cohort file expects them",
    "STR006": "images in two file formats",
    "STR007": "no such stage",
    "STR008": "a stage waits for another",
    "STR009": "a stage is being run already",
    "STR010": "the release folder cannot be used",
}
"""Title of every code of this package."""


def stop(code: str, message: str, hint: str | None = None) -> DiagnosticError:
    """Build the exception for one error that stands in no file."""
    return DiagnosticError([error(code, message, None, hint)])
