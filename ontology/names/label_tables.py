"""Class names from the files that datasets come with.

Read are nnU-Net's ``dataset.json`` (versions 1 and 2), MONAI's ``metadata.json`` and flat JSON
objects, ITK-SNAP label descriptions, colour tables (3D Slicer's ``.ctbl``, FreeSurfer's
``ColorLUT.txt``), plain lists (``1 liver``, ``1: liver``) and tables (CSV with commas, semicolons
or tabs, TSV; 3D Slicer's with its headings).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from vesalius.ontology.names.json_labels import classes_from_json
from vesalius.ontology.names.label_rows import Classes, Row, collect, is_integer, label_text
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span

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
_TABLES = {".csv": ",;\t", ".tsv": "\t"}
"""What may stand between the cells, the likeliest first: spreadsheets write semicolons in countries
whose decimals have a comma."""


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
    text, shown = label_text(path)
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    bare = [not _FIGURES_AT_END.search(line) for _, line in lines]
    plain = all(bare) and all(_PLAIN.fullmatch(line) for _, line in lines)
    turned = all(bare) and not plain and all(_TURNED.fullmatch(line) for _, line in lines)
    rows = [
        Row(*_read_line(line, plain, turned), Span(shown, number, 1, len(line) + 1))
        for number, line in lines
    ]
    return collect(rows, shown)


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
    text, shown = label_text(path)
    delimiter, table = _parted(text, _TABLES.get(Path(path).suffix.lower(), ","), shown)
    table = [(number, cells) for number, cells in table if any(cells)]
    heading: list[str] = []
    if table and not any(map(is_integer, table[0][1])):
        heading = ["".join(filter(str.isalpha, cell.lower())) for cell in table[0][1]]
        table = table[1:]
    first = table[0][1] if table else []
    column = next((i for i, cell in enumerate(first) if is_integer(cell)), 0)
    column = next(_said(_INTEGER_HEADINGS, heading), column)
    other = next((i for i, cell in enumerate(first) if i != column and cell), 1 - min(column, 1))
    other = next((i for i in _said(_NAME_HEADINGS, heading) if i != column), other)
    rows = []
    for number, cells in table:
        integer = cells[column] if column < len(cells) else ""
        name = cells[other] if other < len(cells) else ""
        rows.append(Row(integer, name, Span(shown, number, 1, len(delimiter.join(cells)) + 1)))
    return collect(rows, shown)


def _parted(text: str, delimiters: str, path: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """Part a table by the delimiter that gives most rows an integer and something beside it."""
    tables = {delimiter: _cells(text, delimiter, path) for delimiter in delimiters}
    # max() keeps the first of equals.
    return max(tables.items(), key=lambda item: sum(_tells(cells) for _, cells in item[1]))


def _tells(cells: list[str]) -> bool:
    return any(map(is_integer, cells)) and sum(map(bool, cells)) > 1


def _cells(text: str, delimiter: str, path: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        span = Span(path, reader.line_num, 1, 2)
        message = f"the table cannot be read here: {error}"
        raise DiagnosticError([Diagnostic("SCH030", "error", message, span=span)]) from None


def _said(words: Iterable[str], heading: list[str]) -> Iterator[int]:
    """Give the columns with one of these headings, by the order of the words."""
    return (i for word in words for i, cell in enumerate(heading) if cell == word)
