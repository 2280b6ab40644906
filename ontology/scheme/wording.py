"""How the messages about a scheme are put: lists in words, errors and doubts."""

from __future__ import annotations

from collections.abc import Iterable

from vesalius.ontology.reading.diagnostics import Diagnostic, Note, Span

MOST_LISTED = 6


def integers_text(integers: Iterable[int]) -> str:
    """Write integers for a message, cut after a few.

    >>> integers_text([3, 4, 9])
    '3, 4 and 9'
    >>> integers_text(range(10))
    '0, 1, 2, 3, 4, 5 and 4 more'
    """
    return listed(str(i) for i in integers)


def listed(words: Iterable[str]) -> str:
    """Join words for a message, cut after a few."""
    every = list(words)
    if len(every) == 1:
        return every[0]
    if len(every) > MOST_LISTED:
        return f"{', '.join(every[:MOST_LISTED])} and {len(every) - MOST_LISTED} more"
    return f"{', '.join(every[:-1])} and {every[-1]}"


def problem(
    code: str, message: str, span: Span, help_: str | None = None, notes: tuple[Note, ...] = ()
) -> Diagnostic:
    """Make an error."""
    return Diagnostic(code, "error", message, span=span, help=help_, notes=notes)


def doubt(code: str, message: str, span: Span, help_: str | None = None) -> Diagnostic:
    """Make a warning."""
    return Diagnostic(code, "warning", message, span=span, help=help_)
