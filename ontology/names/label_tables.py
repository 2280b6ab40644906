"""Class names from the files that datasets come with.

Read are nnU-Net's ``dataset.json`` (versions 1 and 2), MONAI's ``metadata.json`` and flat JSON
objects, ITK-SNAP label descriptions, colour tables (3D Slicer's ``.ctbl``, FreeSurfer's
``ColorLUT.txt``), plain lists (``1 liver``, ``1: liver``) and tables (CSV with commas, semicolons
or tabs, TSV; 3D Slicer's with its headings).
"""

from __future__ import annotations

import csv
import io
import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from vesalius.ontology.reading.diagnostics import (
    Diagnostic,
    DiagnosticError,
    Note,
    Span,
    display_path,
)
from vesalius.ontology.reading.side_files import (
    JSON_BYTES,
    TABLE_BYTES,
    decode_text,
    read_side_file,
)

_ITK_SNAP = re.compile(r'\s*(\d+)(?:\s+\S+){6}\s+"(.*)"\s*')
# Integer, name, red, green, blue and mostly opacity: 3D Slicer's and FreeSurfer's colour tables.
_COLOURS = re.compile(r'\s*(\d+)\s+("[^"]+"|\S+)(?:\s+\d+){3,4}\s*')
# Integer and name and no more, or the other way round: a list that a person wrote. Figures at its
# end are a colour.
_PLAIN = re.compile(r"\s*(\d+)\s*[:=;,\s]\s*(\"[^\"]+\"|[^\W\d].*?)\s*")
_TURNED = re.compile(r"\s*(\"[^\"]+\"|[^\W\d].*?)\s*[:=;,\s]\s*(\d+)\s*")
_FIGURES_AT_END = re.compile(r"(?:\s+[\d.]+){3}\s*")
_INTEGER_HEADINGS = ("labelvalue", "value", "integer", "index", "id")
_NAME_HEADINGS = ("name", "label", "labelname", "segmentname", "structure", "class")
BACKGROUND_WORDS = frozenset({"background", "bg", "backgrnd"})
_LOST_AT_MOST = 100
_MOST_DIGITS = 18
_SHOWN = 60
_MOST_REGIONS = 2000
_TABLES = {".csv": ",;\t", ".tsv": "\t"}
"""What may stand between the cells, the likeliest first: spreadsheets write semicolons in countries
whose decimals have a comma."""
_ROWS_SHOWN = 3
"""Rows without an integer that are shown each; of more, the first and how many."""


@dataclass(frozen=True)
class Classes:
    """The classes of a dataset as one of its files tells them.

    Parameters
    ----------
    names : dict of int to str
        Class name by integer.
    remainders : dict of int to str
        Integers that are only known as what smaller regions leave of a larger one, in words.
    """

    names: dict[int, str]
    remainders: dict[int, str] = field(default_factory=dict)


def classes_from_file(path: str | Path) -> Classes:
    """Read classes; the file's ending says how.

    ``.json`` is nnU-Net's dataset.json or another JSON with classes, ``.csv`` and ``.tsv`` are
    tables, anything else is an ITK-SNAP label description, a colour table or a plain list.

    Raises
    ------
    DiagnosticError
        SCH030 to SCH034, all that were found.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".json":
        return classes_from_json(path)
    return Classes(names_from_table(path) if suffix in _TABLES else names_from_lines(path))


def classes_from_json(path: str | Path) -> Classes:
    """Read classes from nnU-Net's ``dataset.json``, MONAI's ``metadata.json`` or a flat object.

    MONAI's bundles say ``"channel_def": {"1": "name"}``; a flat object holds nothing but names
    and integers. In nnU-Net's, version 1 has ``{"1": "name"}``, version 2 ``{"name": 1}``; a list
    counts from the background.
    The class ``ignore`` of version 2 stays in the result under its name. Of regions that overlap,
    an integer has the name of the smallest that holds it.

    Raises
    ------
    DiagnosticError
        SCH030 (not readable as JSON), SCH031 (no labels), SCH032 (a region of several integers
        that no smaller one tells apart), SCH033 (no integer), SCH034 (two names for one integer).
    """
    text, shown = _text(path, JSON_BYTES)
    try:
        data = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        span = Span(shown, error.lineno, error.colno, error.colno + 1)
        message = f"this is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise DiagnosticError([Diagnostic("SCH030", "error", message, span=span)]) from None
    except (RecursionError, ValueError) as error:
        reason = "a number has too many digits"
        if isinstance(error, RecursionError):
            reason = "it is nested too deeply"
        message = f"this JSON cannot be read: {reason}"
        raise DiagnosticError([Diagnostic("SCH030", "error", message, path=shown)]) from None
    labels = _labels(data) if isinstance(data, _Pairs) else None
    if type(labels) is list:
        return Classes(_collect(_listed_rows(labels, text, shown), shown))
    if not isinstance(labels, _Pairs) or not labels:
        message = "the file has no `labels`"
        help_ = 'nnU-Net writes `"labels": {"background": 0, "NAME": 1}`'
        raise DiagnosticError(
            [Diagnostic("SCH031", "error", message, path=shown, help=help_)]
        ) from None
    rows = _dataset_json_rows(labels, text, shown)
    if any(isinstance(row.integer, list) for row in rows):
        return _apart(rows, shown)
    return Classes(_collect(rows, shown))


def names_from_lines(path: str | Path) -> dict[int, str]:
    """Read class names from an ITK-SNAP label description, a colour table or a plain list.

    Each line of the first holds an integer, red, green, blue, opacity, two switches and the
    quoted name; each of the second an integer, the name, red, green, blue and opacity. In a plain
    list every line holds an integer and a name, in one order.

    Raises
    ------
    DiagnosticError
        SCH031 (no labels), SCH033 (a line of another form), SCH034 (an integer twice).
    """
    text, shown = _text(path)
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    bare = [not _FIGURES_AT_END.search(line) for _, line in lines]
    plain = all(bare) and all(_PLAIN.fullmatch(line) for _, line in lines)
    turned = all(bare) and not plain and all(_TURNED.fullmatch(line) for _, line in lines)
    rows = [
        _Row(*_read_line(line, plain, turned), Span(shown, number, 1, len(line) + 1))
        for number, line in lines
    ]
    return _collect(rows, shown)


def _read_line(line: str, plain: bool, turned: bool) -> tuple[str, str]:
    """Give the integer and the name; all of the line and no name where it has another form."""
    match = _ITK_SNAP.fullmatch(line) or _COLOURS.fullmatch(line)
    match = _PLAIN.fullmatch(line) if plain and match is None else match
    if match:
        return match[1], match[2].strip('"')
    other = _TURNED.fullmatch(line) if turned else None
    return (other[2], other[1].strip('"')) if other else (line.strip(), "")


def names_from_table(path: str | Path) -> dict[int, str]:
    """Read class names from a CSV or TSV table.

    The integer is in the column whose heading says so, or the first of whole numbers; the name
    likewise, or in the first other one. A first line without a whole number is a heading.

    Raises
    ------
    DiagnosticError
        SCH031 (no labels), SCH033 (a line without an integer), SCH034 (an integer twice).
    """
    text, shown = _text(path)
    delimiter, table = _parted(text, _TABLES.get(Path(path).suffix.lower(), ","), shown)
    table = [(number, cells) for number, cells in table if any(cells)]
    heading: list[str] = []
    if table and not any(map(_is_integer, table[0][1])):
        heading = ["".join(filter(str.isalpha, cell.lower())) for cell in table[0][1]]
        table = table[1:]
    first = table[0][1] if table else []
    column = next((i for i, cell in enumerate(first) if _is_integer(cell)), 0)
    column = next(_said(_INTEGER_HEADINGS, heading), column)
    other = next((i for i, cell in enumerate(first) if i != column and cell), 1 - min(column, 1))
    other = next((i for i in _said(_NAME_HEADINGS, heading) if i != column), other)
    rows = []
    for number, cells in table:
        integer = cells[column] if column < len(cells) else ""
        name = cells[other] if other < len(cells) else ""
        rows.append(_Row(integer, name, Span(shown, number, 1, len(delimiter.join(cells)) + 1)))
    return _collect(rows, shown)


def _parted(text: str, delimiters: str, path: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """Part a table by the delimiter that gives most rows an integer and something beside it."""
    tables = {delimiter: _cells(text, delimiter, path) for delimiter in delimiters}
    # max() keeps the first of equals.
    return max(tables.items(), key=lambda item: sum(_tells(cells) for _, cells in item[1]))


def _tells(cells: list[str]) -> bool:
    return any(map(_is_integer, cells)) and sum(map(bool, cells)) > 1


def _cells(text: str, delimiter: str, path: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        span = Span(path, reader.line_num, 1, 2)
        message = f"the table cannot be read here: {error}"
        raise DiagnosticError([Diagnostic("SCH030", "error", message, span=span)]) from None


def _labels(data: _Pairs) -> object:
    """Find the classes in a JSON object: `labels`, MONAI's `channel_def`, or all of it."""
    found = data.get("labels")
    if found is not None:
        return found
    inner: object = data
    for key in ("network_data_format", "outputs", "pred", "channel_def"):
        inner = inner.get(key) if isinstance(inner, _Pairs) else None
    if isinstance(inner, _Pairs):
        return inner
    by_integer = all(_is_integer(key) and isinstance(value, str) for key, value in data)
    by_name = all(_is_integer(value) and not isinstance(value, str) for _, value in data)
    return data if data and (by_integer or by_name) else None


def _said(words: Iterable[str], heading: list[str]) -> Iterator[int]:
    """Give the columns with one of these headings, by the order of the words."""
    return (i for word in words for i, cell in enumerate(heading) if cell == word)


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
        if not _is_integer(row.integer) or not row.name:
            problems.append(_no_integer(row))
        elif int(str(row.integer)) in found:
            problems.append(_two_names(int(str(row.integer)), first[int(str(row.integer))], row))
        else:
            found[int(str(row.integer))] = row.name
            first[int(str(row.integer))] = row
    if problems:
        raise DiagnosticError(_shortened(problems))
    if not found:
        raise DiagnosticError([Diagnostic("SCH031", "error", "the file has no labels", path=path)])
    return found


def _shortened(problems: list[Diagnostic]) -> list[Diagnostic]:
    """Tell a form that no row has once, not for every row."""
    rows = [problem for problem in problems if problem.code == "SCH033"]
    if len(rows) <= _ROWS_SHOWN:
        return problems
    more = f"{rows[0].message} (and so in {len(rows) - 1} more rows)"
    help_ = "lists are read as `1 liver`, tables as `1,liver`, `1;liver` or with tabs"
    first = replace(rows[0], message=more, help=help_)
    return [first, *(problem for problem in problems if problem.code != "SCH033")]


def _apart(rows: list[_Row], path: str) -> Classes:
    """Give each integer the name of the smallest region that holds it."""
    problems = [_no_integer(row) for row in rows if not all(map(_is_integer, _held(row)))]
    regions = [
        (row, frozenset(int(str(i)) for i in _held(row)))
        for row in rows
        if all(map(_is_integer, _held(row)))
    ]
    if sum(len(held) > 1 for _, held in regions) > _MOST_REGIONS:
        message = f"more than {_MOST_REGIONS} regions of several integers cannot be told apart"
        raise DiagnosticError([Diagnostic("SCH032", "error", message, path=path)])
    regions.sort(key=lambda region: len(region[1]))
    smallest: dict[int, tuple[_Row, frozenset[int]]] = {}
    for row, held in regions:
        for integer in held:
            smallest.setdefault(integer, (row, held))
    for row, held in regions:
        mine = sorted(i for i, (region, _) in smallest.items() if region is row)
        twin = next((r for r, same in regions if same == held and r is not row), None)
        if len(mine) > 1:
            listed = ", ".join(map(str, mine))
            message = f"nothing tells the integers {listed} of the region `{row.name}` apart"
            help_ = "write the scheme by hand, for the integers that the files hold"
            problems.append(Diagnostic("SCH032", "error", message, span=row.span, help=help_))
        elif not mine and twin is not None:
            problems.append(_two_names(min(held, default=0), twin, row))
    if problems:
        raise DiagnosticError(sorted(problems, key=_place))
    if not smallest:
        raise DiagnosticError([Diagnostic("SCH031", "error", "the file has no labels", path=path)])
    inside = {id(row): [r.name for r, other in regions if other < held] for row, held in regions}
    return Classes(
        names={integer: row.name for integer, (row, _) in sorted(smallest.items())},
        remainders={
            integer: f"{row.name} without {', '.join(inside[id(row)])}"
            for integer, (row, held) in sorted(smallest.items())
            if len(held) > 1
        },
    )


def _place(problem: Diagnostic) -> tuple[int, int]:
    return (problem.span.line, problem.span.column) if problem.span else (0, 0)


def _no_integer(row: _Row) -> Diagnostic:
    named = f" of `{row.name}`" if row.name else ""
    shown = str(row.integer) if len(str(row.integer)) <= _SHOWN else f"{str(row.integer)[:_SHOWN]}…"
    message = f"expected an integer and a name; the integer{named} is `{shown}`"
    return Diagnostic("SCH033", "error", message, span=row.span)


def _two_names(integer: int, first: _Row, second: _Row) -> Diagnostic:
    message = f"{integer} has two names, `{first.name}` and `{second.name}`"
    notes = (Note(f"`{first.name}` is here", first.span),)
    return Diagnostic("SCH034", "error", message, span=second.span, notes=notes)


def _held(row: _Row) -> list[object]:
    return list(row.integer) if isinstance(row.integer, list) else [row.integer]


def _listed_rows(labels: list[object], text: str, path: str) -> list[_Row]:
    """Give the names of a list integers, which it says only if it starts with the background."""
    start = re.search(r'"labels"\s*:', text)
    place = start.start() if start else 0
    breaks = [match.start() for match in re.finditer("\n", text[:place])]
    line, column = _line_and_column(breaks, place)
    span = Span(path, line, column, column + len('"labels"'))
    names = [name.strip() for name in labels if isinstance(name, str)]
    if len(names) == len(labels) and names and names[0].lower() in BACKGROUND_WORDS:
        return [_Row(integer, name, span) for integer, name in enumerate(names)]
    message = "`labels` is a list, which does not say the integers"
    help_ = (
        'write `"labels": {"background": 0, "NAME": 1}`, or let the list start with "background"'
    )
    raise DiagnosticError([Diagnostic("SCH033", "error", message, span=span, help=help_)])


def _dataset_json_rows(labels: _Pairs, text: str, path: str) -> list[_Row]:
    # Version 1 has integers as keys, version 2 as values.
    by_integer = all(key.strip().isdecimal() and isinstance(value, str) for key, value in labels)
    rows = []
    start = re.search(r'"labels"\s*:', text)
    position = start.end() if start else 0
    breaks = [match.start() for match in re.finditer("\n", text)]
    lost = 0
    for key, value in labels:
        written = json.dumps(key, ensure_ascii=False)
        place = -1 if lost > _LOST_AT_MOST else text.find(written, position)
        # A key written with escapes is not found again; then the section is shown.
        lost += place < 0
        position = place + len(written) if place >= 0 else position
        line, column = _line_and_column(breaks, place if place >= 0 else position)
        integer, name = (key, str(value)) if by_integer else (value, key)
        rows.append(_Row(integer, name.strip(), Span(path, line, column, column + len(written))))
    return rows


def _line_and_column(breaks: list[int], position: int) -> tuple[int, int]:
    line = bisect_left(breaks, position)
    return line + 1, position - (breaks[line - 1] if line else -1)


def _is_integer(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().isdecimal() and len(value) <= _MOST_DIGITS
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(path: str | Path, most_bytes: int = TABLE_BYTES) -> tuple[str, str]:
    shown = display_path(path)
    try:
        # Tables from spreadsheets start with a byte order mark.
        return decode_text(read_side_file(path, most_bytes)), shown
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, ValueError) else error.strerror
        message = f"the file cannot be read: {reason}"
        raise DiagnosticError([Diagnostic("SCH030", "error", message, path=shown)]) from None
