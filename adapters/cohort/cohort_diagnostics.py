"""The problems a cohort can have, as diagnostics with the codes ``COH001``...

Every code has a page in ``adapters/codes``; the titles here are the first lines of the pages.
"""

from __future__ import annotations

from vesalius.ontology.reading.diagnostics import Diagnostic, Span
from vesalius.ontology.reading.document import Document, YamlPath

TITLES: dict[str, str] = {
    "COH001": "a path template cannot be read",
    "COH002": "a template has a field that no case has",
    "COH003": "a column that the table does not have",
    "COH004": "the metadata table cannot be read",
    "COH005": "a case is there twice",
    "COH006": "a value cannot be part of a file name",
    "COH007": "something is asked for that the cohort does not declare",
    "COH008": "a selection names something that no case has",
    "COH009": "no case",
    "COH010": "files of cases are missing",
    "COH011": "cases without metadata",
    "COH012": "a metadata value cannot be understood",
    "COH013": "two cases would be written to one place",
    "COH014": "the header of an image cannot be read for the selection",
    "COH015": "another run writes into the same folder",
    "COH016": "nothing is recorded in this folder",
    "COH017": "records of shards do not belong together",
    "COH018": "shards are missing",
    "COH019": "the record of a shard is damaged",
    "COH020": "the worker of a case died",
    "COH021": "a case failed for a reason that is no fault of its files",
    "COH022": "the same file under two cases",
    "COH023": "rows found by the number in the name",
    "COH024": "files beside those of the cases that fit no template",
}
"""Title of every code of this package."""

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


def cases_in_words(number: int) -> str:
    """Give ``1 case`` or ``23 cases``."""
    return f"{number:,} case" if number == 1 else f"{number:,} cases"


def error(
    code: str, message: str, span: Span | None, hint: str | None = None, path: str | None = None
) -> Diagnostic:
    """Build an error of a cohort, or of a pipeline that makes one."""
    return Diagnostic(code, "error", message, span=span, help=hint, path=path)
