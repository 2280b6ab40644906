"""The metadata table of a cohort: one row per case, from CSV or TSV, every cell as text."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.adapters.files.io_diagnostics import plural, unreadable
from vesalius.adapters.files.other_formats import HEAD_BYTES, name_format
from vesalius.adapters.files.pointers import text_in_place
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Note, Span
from vesalius.ontology.reading.side_files import TABLE_BYTES, decode_text, read_side_file

_DELIMITERS = ("\t", ";", ",")
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*$')
"""A first line by which Excel is told what parts the columns."""


@dataclass(frozen=True)
class CaseTable:
    """A table.

    Parameters
    ----------
    path : str
        The file.
    columns : tuple of str
        Their names.
    rows : tuple of mapping of str to str
        Cells by column, without blanks around them.
    lines : tuple of int
        Line of the file in which each row starts.
    """

    path: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    lines: tuple[int, ...]

    def by_case(self, column: str) -> tuple[dict[str, Mapping[str, str]], list[Diagnostic]]:
        """Give the rows by the name of the case, and what is wrong with the names.

        Parameters
        ----------
        column : str
            Holds the names.
        """
        rows: dict[str, Mapping[str, str]] = {}
        first: dict[str, int] = {}
        problems: list[Diagnostic] = []
        for row, line in zip(self.rows, self.lines, strict=True):
            name = row[column]
            if not name:
                text = f"column `{column}` is empty here, so the row belongs to no case"
                problems.append(error("COH006", text, self._span(line)))
            elif name in rows:
                note = Note("first here", self._span(first[name]))
                text = f"case `{name}` has two rows"
                same = "both say the same; " if row == rows[name] else ""
                hint = f"{same}keep one of them"
                problems.append(
                    Diagnostic(
                        "COH005", "error", text, span=self._span(line), help=hint, notes=(note,)
                    )
                )
            else:
                rows[name], first[name] = row, line
        return rows, problems

    def _span(self, line: int) -> Span:
        return line_span(self.path, line, "")


def line_span(path: str, line: int, text: str) -> Span:
    """Give the span of a line of a table."""
    return Span(path, line, 1, max(2, len(text) + 1))


def read_table(path: Path, span: Span) -> CaseTable:
    """Read a CSV or TSV file with a line of column names.

    Columns are parted by tabs, semicolons or commas, whichever the first line has (in this
    order); a ``.tsv`` file by tabs.

    Parameters
    ----------
    path : Path
        The file; UTF-8, or what its byte order mark says.
    span : Span
        Where the cohort file names it.

    Raises
    ------
    DiagnosticError
        COH004 with every problem of the file.
    """
    try:
        content = read_side_file(path, TABLE_BYTES)
    except OSError as failed:
        found = unreadable(path, failed).diagnostics[0]
        message = f"the metadata table `{path}` cannot be read: {found.message}"
        raise DiagnosticError([error("COH004", message, span, found.help)]) from None
    in_place = text_in_place(content, path)
    if in_place is not None:
        message, hint = in_place
        raise DiagnosticError([error("COH004", f"no table: {message}", None, hint, str(path))])
    name = name_format(content[:HEAD_BYTES])
    if name is not None:
        message = f"no table of text: this is {name}"
        hint = "a workbook of a spreadsheet program? Save it as CSV UTF-8"
        raise DiagnosticError([error("COH004", message, None, hint, str(path))])
    try:
        text = decode_text(content)
    except UnicodeDecodeError as failed:
        line = content[: failed.start].count(b"\n") + 1
        message = f"the table is not UTF-8 text: line {line} holds other bytes"
        hint = "save it as CSV UTF-8; a spreadsheet program offers that"
        raise DiagnosticError([error("COH004", message, None, hint, str(path))]) from None
    return _parse(text, path)


def _parse(text: str, path: Path) -> CaseTable:
    source = text.split("\n")
    said = _SEPARATOR.match(source[0])
    body = StringIO(text, newline="")
    above = 0
    if said is not None:
        # How Excel is told what parts the columns; it is no row.
        body.readline()
        above = 1
    reader = csv.reader(body, delimiter=said[1] if said else _delimiter(source[0], path))
    rows: list[tuple[int, list[str]]] = []
    line = 1 + above
    try:
        for cells in reader:
            rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + above + 1
    except csv.Error as failed:
        message = f"the table cannot be read here: {failed}"
        span = line_span(str(path), line, _line(source, line))
        raise DiagnosticError([error("COH004", message, span)]) from None
    filled = [(line, cells) for line, cells in rows if any(cells)]
    if not filled:
        message, hint = "the table is empty", "its first line holds the names of the columns"
        raise DiagnosticError([error("COH004", message, None, hint, str(path))])
    (head, columns), *below = filled
    problems = _column_problems(columns, line_span(str(path), head, _line(source, head)))
    for line, cells in below:
        if len(cells) != len(columns):
            message = f"this row has {plural(len(cells), 'cell')}, the line of column names"
            message += f" {len(columns)}"
            hint = "put a cell that holds the separator in double quotes"
            if len(cells) < len(columns):
                hint = "leave a cell without a value empty, between two separators"
            span = line_span(str(path), line, _line(source, line))
            problems.append(error("COH004", message, span, hint))
    if problems:
        raise DiagnosticError(problems)
    return CaseTable(
        path=str(path),
        columns=tuple(columns),
        rows=tuple(dict(zip(columns, cells, strict=True)) for _, cells in below),
        lines=tuple(line for line, _ in below),
    )


def _delimiter(head: str, path: Path) -> str:
    if path.suffix == ".tsv":
        return "\t"
    return next((mark for mark in _DELIMITERS if mark in head), ",")


def _line(source: list[str], line: int) -> str:
    return source[line - 1].rstrip("\r") if line <= len(source) else ""


def _column_problems(columns: list[str], span: Span) -> list[Diagnostic]:
    problems = []
    counts = Counter(columns)
    for name in dict.fromkeys(columns):
        if not name:
            message, hint = "a column has no name", "give every column a name"
            problems.append(error("COH004", message, span, hint))
        elif counts[name] > 1:
            message = f"{counts[name]} columns are called `{name}`"
            problems.append(error("COH004", message, span, "rename all but one"))
    return problems
