"""The problems of a release, as diagnostics with the codes ``REL001``...

Every code has a page in ``adapters/codes``; the titles here are the first lines of the pages.
"""

from __future__ import annotations

from pathlib import Path

from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span

TITLES: dict[str, str] = {
    "REL001": "the release folder cannot be used",
    "REL002": "no case comes into the release",
    "REL003": "a file is not the one that the report of the case tells of",
    "REL004": "there is no cohort to release",
}
"""Title of every code of this package."""


def error(
    code: str,
    message: str,
    hint: str | None = None,
    *,
    path: Path | None = None,
    span: Span | None = None,
) -> Diagnostic:
    """Build an error of a release."""
    where = None if path is None else str(path)
    return Diagnostic(code, "error", message, span=span, help=hint, path=where)


def stop(code: str, message: str, hint: str | None = None) -> DiagnosticError:
    """Build the exception for one error."""
    return DiagnosticError([error(code, message, hint)])
