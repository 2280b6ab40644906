"""The problems a cohort can have, as diagnostics with the codes ``COH001``...

Every code has a page in ``adapters/codes``, whose first line is its title.
"""

from __future__ import annotations

from vesalius.ontology.reading.diagnostics import Diagnostic, Span
from vesalius.ontology.reading.document import Document, YamlPath

MISSING_CODES = frozenset({"COH009", "COH010", "COH016"})
"""There was nothing to read, or not all."""


def span_of_piece(document: Document, at: YamlPath, piece: str) -> Span:
    """Give the span of a piece of a text value; of the whole value where it is not found."""
    span = document.span(at)
    position = document.line(span.line).find(piece, span.column - 1)
    if position < 0:
        return span
    return Span(span.path, span.line, position + 1, position + 1 + len(piece))


def lines(first: str, rest: list[str]) -> str:
    """Give a message that lists things, one per line, all of them."""
    return "\n".join([first, *rest])


def error(
    code: str, message: str, span: Span | None, hint: str | None = None, path: str | None = None
) -> Diagnostic:
    """Build an error of a cohort, or of a pipeline that makes one."""
    return Diagnostic(code, "error", message, span=span, help=hint, path=path)
