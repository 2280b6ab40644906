"""Messages about a written-out cohort file, shown where the user wrote what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vesalius.adapters.cohort.cohort_diagnostics import span_of_piece
from vesalius.ontology.reading.diagnostics import Diagnostic, Note, Span
from vesalius.ontology.reading.document import Document, TextPlace, YamlPath


@dataclass(frozen=True)
class Origin:
    """Where a piece of a written-out file comes from.

    Parameters
    ----------
    at : tuple
        Path in the written-out file.
    document : Document
        The file the user wrote.
    source : tuple
        Path in it.
    """

    at: YamlPath
    document: Document
    source: YamlPath


def respan(
    found: Iterable[Diagnostic], written: Document, origins: Sequence[Origin]
) -> list[Diagnostic]:
    """Move spans from a written-out file to the files it was made from.

    Parameters
    ----------
    found : iterable of Diagnostic
        Some of them with spans in `written`.
    written : Document
        The written-out file.
    origins : sequence of Origin
        Where its pieces come from; the longest path that fits counts.

    Returns
    -------
    list of Diagnostic
        As many, in the same order.
    """
    return [
        replace(
            d,
            span=None if d.span is None else _moved(d.span, written, origins),
            notes=tuple(Note(n.text, _moved(n.span, written, origins)) for n in d.notes),
        )
        for d in found
    ]


def _moved(span: Span, written: Document, origins: Sequence[Origin]) -> Span:
    if span.path != written.path:
        return span
    path, key = _locate(written.spans, span)
    fitting = [origin for origin in origins if path[: len(origin.at)] == origin.at]
    if not fitting:
        return span
    origin = max(fitting, key=lambda o: len(o.at))
    target = (*origin.source, *path[len(origin.at) :])
    if key:
        return origin.document.span(target, key=True)
    piece = written.line(span.line)[span.column - 1 : span.end_column - 1]
    return span_of_piece(origin.document, target, piece)


def _locate(place: TextPlace, span: Span) -> tuple[YamlPath, bool]:
    """Find the innermost value, or the key, in which a span begins."""
    path: YamlPath = ()
    while True:
        inner = None
        for step, child in place.items.items():
            key = place.keys.get(step)
            if key is not None and _holds(key, span):
                return (*path, step), True
            if _holds(child, span):
                inner = (step, child)
        if inner is None:
            return path, False
        path, place = (*path, inner[0]), inner[1]


def _holds(place: TextPlace, span: Span) -> bool:
    at = (span.line - 1, span.column - 1)
    return (place.line, place.column) <= at < (place.end_line, place.end_column)
