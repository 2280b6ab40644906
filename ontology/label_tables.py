"""Class names from the files that datasets come with.

Read are nnU-Net's ``dataset.json`` (versions 1 and 2), ITK-SNAP label descriptions and tables
of two columns (CSV, TSV).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, Note, Span, display_path

_ITK_SNAP = re.compile(r'\s*(\d+)(?:\s+\S+){6}\s+"(.*)"\s*')
_TABLES = {".csv": ",", ".tsv": "\t"}


def names_from_file(path: str | Path) -> dict[int, str]:
    """Read class names by integer; the file's ending says how.

    ``.json`` is nnU-Net's dataset.json, ``.csv`` and ``.tsv`` are tables, anything else is an
    ITK-SNAP label description.

    Raises
    ------
    DiagnosticError
        SCH030 to SCH034, all that were found.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".json":
        return names_from_dataset_json(path)
    if suffix in _TABLES:
        return names_from_table(path)
    return names_from_itk_snap(path)


def names_from_dataset_json(path: str | Path) -> dict[int, str]:
    """Read class names from nnU-Net's ``dataset.json``.

    Version 1 has ``{"1": "name"}``, version 2 ``{"name": 1}``. The class ``ignore`` of
    version 2 stays in the result under its name.

    Raises
    ------
    DiagnosticError
        SCH030 (not readable as JSON), SCH031 (no labels), SCH032 (a region: several integers
        for one name), SCH033 (no integer), SCH034 (two names for one integer).
    """
    text, shown = _text(path)
    try:
        data = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        span = Span(shown, error.lineno, error.colno, error.colno + 1)
        message = f"this is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise DiagnosticError([Diagnostic("SCH030", "error", message, span=span)]) from None
    labels = data.get("labels") if isinstance(data, _Pairs) else None
    if not isinstance(labels, _Pairs) or not labels:
        message = "the file has no `labels`"
        help_ = 'nnU-Net writes `"labels": {"background": 0, "NAME": 1}`'
        raise DiagnosticError(
            [Diagnostic("SCH031", "error", message, path=shown, help=help_)]
        ) from None
    return _collect(_dataset_json_rows(labels, text, shown), shown)


def names_from_itk_snap(path: str | Path) -> dict[int, str]:
    """Read class names from an ITK-SNAP label description.

    Each line holds an integer, red, green, blue, opacity, two switches and the quoted name.

    Raises
    ------
    DiagnosticError
        SCH031 (no labels), SCH033 (a line of another form), SCH034 (an integer twice).
    """
    text, shown = _text(path)
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _ITK_SNAP.fullmatch(line)
        span = Span(shown, number, 1, len(line) + 1)
        rows.append(_Row(match[1], match[2], span) if match else _Row(line.strip(), "", span))
    return _collect(rows, shown)


def names_from_table(path: str | Path) -> dict[int, str]:
    """Read class names from a CSV or TSV table.

    The first column of whole numbers is the integer, the first other column the name. A first
    line without a whole number is a heading.

    Raises
    ------
    DiagnosticError
        SCH031 (no labels), SCH033 (a line without an integer), SCH034 (an integer twice).
    """
    text, shown = _text(path)
    delimiter = _TABLES.get(Path(path).suffix.lower(), ",")
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    table = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    table = [(number, cells) for number, cells in table if any(cells)]
    if table and not any(map(_is_integer, table[0][1])):
        table = table[1:]
    first = table[0][1] if table else []
    column = next((i for i, cell in enumerate(first) if _is_integer(cell)), 0)
    other = next((i for i, cell in enumerate(first) if i != column and cell), 1 - min(column, 1))
    rows = []
    for number, cells in table:
        integer = cells[column] if column < len(cells) else ""
        name = cells[other] if other < len(cells) else ""
        rows.append(_Row(integer, name, Span(shown, number, 1, len(delimiter.join(cells)) + 1)))
    return _collect(rows, shown)


class _Pairs(list[tuple[str, object]]):
    """A JSON object with its keys in order, repeated ones too."""

    def get(self, key: str) -> object:
        return next((value for name, value in self if name == key), None)


@dataclass(frozen=True)
class _Row:
    """One line of a label table, before the integer is read."""

    integer: object
    name: str
    span: Span


def _collect(rows: Iterable[_Row], path: str) -> dict[int, str]:
    found: dict[int, str] = {}
    first: dict[int, _Row] = {}
    problems = []
    for row in rows:
        if isinstance(row.integer, list):
            message = f"`{row.name}` is a region of several integers, not one class"
            help_ = "give the class its own integer, or write the scheme by hand"
            problems.append(Diagnostic("SCH032", "error", message, span=row.span, help=help_))
        elif not _is_integer(row.integer) or not row.name:
            named = f" of `{row.name}`" if row.name else ""
            message = f"expected an integer and a name; the integer{named} is `{row.integer}`"
            problems.append(Diagnostic("SCH033", "error", message, span=row.span))
        elif int(str(row.integer)) in found:
            integer = int(str(row.integer))
            message = f"{integer} has two names, `{found[integer]}` and `{row.name}`"
            notes = (Note(f"`{found[integer]}` is here", first[integer].span),)
            problems.append(Diagnostic("SCH034", "error", message, span=row.span, notes=notes))
        else:
            found[int(str(row.integer))] = row.name
            first[int(str(row.integer))] = row
    if problems:
        raise DiagnosticError(problems)
    if not found:
        raise DiagnosticError([Diagnostic("SCH031", "error", "the file has no labels", path=path)])
    return found


def _dataset_json_rows(labels: _Pairs, text: str, path: str) -> list[_Row]:
    # Version 1 has integers as keys, version 2 as values.
    by_integer = all(key.strip().isdecimal() and isinstance(value, str) for key, value in labels)
    rows = []
    start = re.search(r'"labels"\s*:', text)
    position = start.end() if start else 0
    for key, value in labels:
        written = json.dumps(key, ensure_ascii=False)
        place = text.find(written, position)
        # A key written with escapes is not found again; then the section is shown.
        position = place + len(written) if place >= 0 else position
        line, column = _line_and_column(text, place if place >= 0 else position)
        integer, name = (key, str(value)) if by_integer else (value, key)
        rows.append(_Row(integer, name.strip(), Span(path, line, column, column + len(written))))
    return rows


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _is_integer(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().isdecimal()
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(path: str | Path) -> tuple[str, str]:
    shown = display_path(path)
    try:
        # utf-8-sig: tables from spreadsheets start with a byte order mark.
        return Path(path).read_text(encoding="utf-8-sig"), shown
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, ValueError) else error.strerror
        message = f"the file cannot be read: {reason}"
        raise DiagnosticError([Diagnostic("SCH030", "error", message, path=shown)]) from None
