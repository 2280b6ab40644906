"""Problems that a user can cause: what they are, and the error that carries them.

The names of :mod:`vesalius.ontology.reading.problem` are here too, so that those who find
problems need one import.
"""

from __future__ import annotations

from collections.abc import Iterable

from vesalius.ontology.reading.nearest import suggest
from vesalius.ontology.reading.problem import (
    Diagnostic,
    Note,
    Severity,
    Span,
    display_path,
    has_errors,
)
from vesalius.ontology.reading.render import render_human

__all__ = [
    "Diagnostic",
    "DiagnosticError",
    "Note",
    "Severity",
    "Span",
    "display_path",
    "has_errors",
    "suggest",
]


class DiagnosticError(Exception):
    """Raised where work cannot go on; carries every diagnostic found so far.

    As text it is what a person reads: each problem with its line, a caret and a way out.

    Parameters
    ----------
    diagnostics : iterable of Diagnostic
        At least one of them an error.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return render_human(self.diagnostics).rstrip("\n")
