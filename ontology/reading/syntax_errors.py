"""What the YAML parser could not read, in words for the person who wrote it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from vesalius.ontology.reading.diagnostics import Diagnostic, Note, Span

# `1:liver` is one text for YAML; the space after the colon makes it a key and a value.
_NO_SPACE = re.compile(r"\s*([^\s:#'\"{\[-][^\s:#]*)(:)(?=[^\s:/])")
_KEY_AND_VALUE = re.compile(r"\s*(- +)?[^\s#][^#]*?:\s+[^\s#|>]")


def syntax_error(error: yaml.MarkedYAMLError, lines: Sequence[str], path: str) -> Diagnostic:
    """Describe a syntax error at the place where the writer can mend it.

    Parameters
    ----------
    error : yaml.MarkedYAMLError
        What the parser says.
    lines : sequence of str
        The text, line by line, without the line breaks.
    path : str
        The file as it is shown.

    Returns
    -------
    Diagnostic
        YML001.
    """
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    known = _known_mistake(str(error.problem or ""), lines, line, column)
    if known is not None:
        said, mend, (at_line, at_column) = known
        place = Span(path, at_line + 1, at_column + 1, at_column + 2)
        return Diagnostic("YML001", "error", said, span=place, help=mend)
    written = lines[line] if line < len(lines) else ""
    message = f"this is not valid YAML: {error.problem or 'syntax error'}"
    advice = _advice(str(error.problem or ""), written[column : column + 1])
    notes = []
    context = error.context_mark
    if error.context and context and (context.line, context.column) != (line, column):
        span_of = Span(path, context.line + 1, context.column + 1, context.column + 2)
        notes.append(Note(str(error.context), span_of))
    span_at = Span(path, line + 1, column + 1, column + 2)
    return Diagnostic("YML001", "error", message, span=span_at, help=advice, notes=tuple(notes))


def _known_mistake(
    problem: str, lines: Sequence[str], line: int, column: int
) -> tuple[str, str, tuple[int, int]] | None:
    """Give message, advice and place (counts from 0) of a mistake that many make."""
    written = lines[line] if line < len(lines) else ""
    if "\t" in _indent(written):
        return "a tab is used for indentation", "indent with spaces", (line, written.index("\t"))
    if written[column : column + 1] == "\t":
        return "a tab stands where YAML expects text", "use spaces", (line, column)
    before = next((i for i in range(line - 1, -1, -1) if lines[i].strip()), None)
    if "mapping values are not allowed" not in problem or before is None:
        return None
    return _runs_on(lines, before, line)


def _runs_on(
    lines: Sequence[str], before: int, line: int
) -> tuple[str, str, tuple[int, int]] | None:
    """Tell why YAML takes a line for the rest of the one before."""
    written = lines[line]
    joined = _NO_SPACE.match(lines[before])
    if joined is not None and not _KEY_AND_VALUE.match(lines[before]):
        advice = f"write `{joined[1]}: {lines[before][joined.end() :].strip()}`"
        return "a space is missing after the colon", advice, (before, joined.start(2))
    if len(_indent(written)) > len(_indent(lines[before])) and _KEY_AND_VALUE.match(lines[before]):
        spaces = len(_indent(lines[before]))
        message = "this line is indented deeper than the line before, which has a value already"
        advice = f"begin both lines with {spaces} space{'s' if spaces != 1 else ''}"
        return message, advice, (line, len(_indent(written)))
    return None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _advice(problem: str, char: str) -> str | None:
    if "mapping values are not allowed" in problem or char == ":":
        return "put a text that holds a colon in quotes"
    if "did not find expected key" in problem or "block end" in problem:
        return "check the indentation of this line and the one before"
    if "cannot start any token" in problem:
        return "put a text that starts with this character in quotes"
    if "did not find expected ',' or" in problem:
        return "close the list or mapping that was opened, or add a comma"
    return None
