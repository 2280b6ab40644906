"""Diagnostics as text: for people, one line each, for a pull request, for programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from vesalius.ontology.reading.problem import LINE_BREAK, Diagnostic, Note, Severity, Span
from vesalius.ontology.reading.side_files import TABLE_BYTES, read_side_file

SHOWN_AT_MOST: Final = 20
_WIDTH: Final = 110
_LEAD: Final = 30

_RESET: Final = "\x1b[0m"
_BOLD: Final = "\x1b[1m"
_FRAME: Final = "\x1b[1;34m"
_COLORS: Final[Mapping[Severity, str]] = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "info": "\x1b[1;36m",
}
_GITHUB: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "info": "notice"}


def render_human(
    diagnostics: Iterable[Diagnostic],
    color: bool = False,
    limit: int | None = SHOWN_AT_MOST,
    sources: Mapping[str, str] | None = None,
) -> str:
    """Render diagnostics for a person, each with its line and a caret under the span.

    Parameters
    ----------
    diagnostics : iterable of Diagnostic
        In the order to be shown.
    color : bool
        Add ANSI colours.
    limit : int or None
        Show at most so many, then a count; all where None.
    sources : mapping of str to str
        Texts by path, for spans in texts that are not files.

    Returns
    -------
    str
        Ends with a line break unless empty.
    """
    problems = list(diagnostics)
    shown = problems if limit is None else problems[:limit]
    writer = _Writer(_Paint(color), _Lines(dict(sources or {})))
    blocks = ["\n".join(writer.block(problem)) for problem in shown]
    hidden = problems[len(shown) :]
    if hidden:
        blocks.append(f"… and {_count(hidden)} more")
    return "\n\n".join(blocks) + "\n" if blocks else ""


def render_concise(diagnostics: Iterable[Diagnostic]) -> str:
    """Render one line per diagnostic: ``file:line:column: error[CODE] message``."""
    lines = []
    for problem in diagnostics:
        where = _where(problem.span) if problem.span else problem.path
        prefix = f"{where}: " if where else ""
        lines.append(f"{prefix}{problem.severity}[{problem.code}] {_flat(problem.message)}\n")
    return "".join(lines)


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Render workflow commands that GitHub shows beside the lines of a pull request."""
    lines = []
    for problem in diagnostics:
        span = problem.span
        fields = {"file": span.path if span else problem.path}
        if span:
            fields |= {
                "line": str(span.line),
                "col": str(span.column),
                "endColumn": str(span.end_column),
            }
        fields["title"] = problem.code
        data = f"{problem.message}; {problem.help}" if problem.help else problem.message
        written = ",".join(f"{k}={_escape(v, ':,')}" for k, v in fields.items() if v is not None)
        lines.append(f"::{_GITHUB[problem.severity]} {written}::{_escape(data)}\n")
    return "".join(lines)


def to_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """Give diagnostics as data that ``json.dumps`` takes."""
    return [
        {
            "code": problem.code,
            "severity": problem.severity,
            "message": problem.message,
            "path": problem.span.path if problem.span else problem.path,
            "span": _span_json(problem.span),
            "help": problem.help,
            "notes": [
                {"text": note.text, "path": note.span.path, "span": _span_json(note.span)}
                for note in problem.notes
            ],
        }
        for problem in diagnostics
    ]


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Count errors and warnings in words, such as ``2 errors, 1 warning``."""
    return _count(list(diagnostics))


def _count(diagnostics: list[Diagnostic]) -> str:
    parts = []
    for severity, word in (("error", "error"), ("warning", "warning"), ("info", "note")):
        number = sum(problem.severity == severity for problem in diagnostics)
        if number:
            parts.append(f"{number} {word}{'s' if number > 1 else ''}")
    return ", ".join(parts) or "no problems"


@dataclass(frozen=True)
class _Paint:
    """Adds colours, or nothing."""

    color: bool

    def __call__(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self.color and text else text


@dataclass(frozen=True)
class _Lines:
    """Source lines, read once per file."""

    texts: dict[str, str]
    cache: dict[str, list[str]] = field(default_factory=dict)

    def get(self, span: Span) -> str | None:
        """Give the line of a span; None where the text cannot be read."""
        if span.path not in self.cache:
            self.cache[span.path] = LINE_BREAK.split(self._text(span.path))
        lines = self.cache[span.path]
        return lines[span.line - 1] if 0 < span.line <= len(lines) else None

    def _text(self, path: str) -> str:
        if path in self.texts:
            return self.texts[path]
        try:
            text = read_side_file(path, TABLE_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""
        return text.removeprefix("\ufeff")


@dataclass(frozen=True)
class _Writer:
    """Writes one diagnostic as lines."""

    paint: _Paint
    lines: _Lines

    def block(self, problem: Diagnostic) -> Iterator[str]:
        """Give the lines of a diagnostic."""
        tint = _COLORS[problem.severity]
        title = self.paint(f"{problem.severity}[{problem.code}]", tint)
        first, *rest = _clean(problem.message).split("\n")
        yield f"{title}{self.paint(f': {first}', _BOLD)}"
        yield from (f"  {line}" for line in rest)
        spans = [span for span in (problem.span, *(n.span for n in problem.notes)) if span]
        width = max((len(str(span.line)) for span in spans), default=1)
        margin = " " * (width + 2)
        if problem.span:
            yield from self._source(problem.span, width, "^", "", tint)
        elif problem.path:
            yield f"{' ' * (width + 1)}{self.paint('-->', _FRAME)} {_clean(problem.path)}"
        for note in problem.notes:
            yield from self._note(note, width)
        if problem.help:
            first, *rest = _clean(problem.help).split("\n")
            yield f"{margin}{self.paint('= help:', _FRAME)} {first}"
            yield from (f"{margin}{' ' * 8}{line}" for line in rest)

    def _note(self, note: Note, width: int) -> Iterator[str]:
        yield from self._source(note.span, width, "-", f" {_clean(note.text)}", _FRAME)

    def _source(self, span: Span, width: int, mark: str, text: str, tint: str) -> Iterator[str]:
        where = f"{' ' * (width + 1)}{self.paint('-->', _FRAME)} {_where(span)}"
        line = self.lines.get(span)
        if line is None:
            yield f"{where}{text}"
            return
        yield where
        bar = self.paint("|", _FRAME)
        before, marked, after = _cut(line, span)
        number = self.paint(str(span.line).rjust(width), _FRAME)
        yield f"{' ' * (width + 2)}{bar}"
        yield f" {number} {bar} {before}{marked}{after}".rstrip()
        carets = mark * max(_columns(marked), 1)
        yield f"{' ' * (width + 2)}{bar} {' ' * _columns(before)}{self.paint(carets + text, tint)}"


def _cut(line: str, span: Span) -> tuple[str, str, str]:
    """Split a line at a span, and shorten it around the span where it is long."""
    start = min(span.column - 1, len(line))
    stop = min(max(span.end_column - 1, start), len(line))
    before, marked, after = (
        _printable(part) for part in (line[:start], line[start:stop], line[stop:])
    )
    if len(before) + len(marked) + len(after) <= _WIDTH:
        return before, marked, after
    if len(before) + len(marked) > _WIDTH and len(before) > _LEAD:
        before = "…" + before[-_LEAD:]
    room = max(_WIDTH - len(before), _LEAD)
    if len(marked) > room:
        return before, marked[: room - 1] + "…", ""
    room -= len(marked)
    return before, marked, after if len(after) <= room else after[:room] + "…"


def _printable(text: str) -> str:
    """Give text that takes one place per character: no tabs, no escape sequences."""
    return "".join(
        " " if char == "\t" else char if char.isprintable() else "\ufffd" for char in text
    )


def _columns(text: str) -> int:
    """Count the columns of a terminal that a text takes."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def _clean(text: str) -> str:
    return "\n".join(_printable(line) for line in text.split("\n"))


def _flat(text: str) -> str:
    return _printable(" ".join(text.split("\n")))


def _where(span: Span) -> str:
    return f"{_printable(span.path)}:{span.line}:{span.column}"


def _escape(text: str, also: str = "") -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for char in also:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def _span_json(span: Span | None) -> dict[str, int] | None:
    if span is None:
        return None
    return {"line": span.line, "column": span.column, "end_column": span.end_column}
