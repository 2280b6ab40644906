"""Class names from JSON: nnU-Net's ``dataset.json``, MONAI's ``metadata.json``, flat and listed."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from pathlib import Path

from vesalius.ontology.names.label_rows import (
    BACKGROUND_WORDS,
    Classes,
    Row,
    collect,
    is_integer,
    label_text,
    no_integer,
    two_names,
)
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span
from vesalius.ontology.reading.side_files import JSON_BYTES

_LOST_AT_MOST = 100
_MOST_REGIONS = 2000
_LARGEST = 1 << 53
"""Beyond, not every whole number is one of floating point."""
_INTEGER_KEYS = ("integer", "id", "value", "labelvalue", "index")
_NAME_KEYS = ("name", "label", "structure")


def classes_from_json(path: str | Path) -> Classes:
    """Read classes from nnU-Net's ``dataset.json``, MONAI's ``metadata.json`` or a flat object.

    MONAI's bundles say ``"channel_def": {"1": "name"}``; a flat object holds nothing but names
    and integers; a list, objects with a name and an integer each. In nnU-Net's, version 1 has
    ``{"1": "name"}``, version 2 ``{"name": 1}``; a list of names counts from the background.
    The class ``ignore`` of version 2 stays in the result under its name. Of regions that overlap,
    an integer has the name of the smallest that holds it.

    Raises
    ------
    DiagnosticError
        SCH030 (not readable as JSON), SCH031 (no labels), SCH032 (a region of several integers
        that no smaller one tells apart), SCH033 (no integer), SCH034 (two names for one integer).
    """
    text, shown = label_text(path, JSON_BYTES)
    try:
        data = json.loads(text, object_pairs_hook=_Pairs, parse_float=_number)
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
    rows_alone = type(data) is list and data and isinstance(data[0], _Pairs)
    labels = _labels(data) if isinstance(data, _Pairs) else data if rows_alone else None
    if type(labels) is list:
        return Classes(collect(_listed_rows(labels, text, shown), shown))
    if not isinstance(labels, _Pairs) or not labels:
        message = "the file has no `labels`"
        help_ = 'nnU-Net writes `"labels": {"background": 0, "NAME": 1}`'
        raise DiagnosticError(
            [Diagnostic("SCH031", "error", message, path=shown, help=help_)]
        ) from None
    rows = _dataset_json_rows(labels, text, shown)
    if any(isinstance(row.integer, list) for row in rows):
        return _apart(rows, shown)
    return Classes(collect(rows, shown))


def _number(text: str) -> float:
    """Read `1.0` as the integer that it stands for."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < _LARGEST else value


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
    by_integer = all(is_integer(key) and isinstance(value, str) for key, value in data)
    by_name = all(is_integer(value) and not isinstance(value, str) for _, value in data)
    return data if data and (by_integer or by_name) else None


class _Pairs(list[tuple[str, object]]):
    """A JSON object with its keys in order, repeated ones too."""

    def get(self, key: str) -> object:
        return next((value for name, value in self if name == key), None)


def _apart(rows: list[Row], path: str) -> Classes:
    """Give each integer the name of the smallest region that holds it."""
    problems = [no_integer(row) for row in rows if not all(map(is_integer, _held(row)))]
    regions = [
        (row, frozenset(int(str(i)) for i in _held(row)))
        for row in rows
        if all(map(is_integer, _held(row)))
    ]
    if sum(len(held) > 1 for _, held in regions) > _MOST_REGIONS:
        message = f"more than {_MOST_REGIONS} regions of several integers cannot be told apart"
        raise DiagnosticError([Diagnostic("SCH032", "error", message, path=path)])
    regions.sort(key=lambda region: len(region[1]))
    smallest: dict[int, tuple[Row, frozenset[int]]] = {}
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
            problems.append(two_names(min(held, default=0), twin, row))
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


def _held(row: Row) -> list[object]:
    return list(row.integer) if isinstance(row.integer, list) else [row.integer]


def _listed_rows(labels: list[object], text: str, path: str) -> list[Row]:
    """Give the names of a list integers, which it says only if it starts with the background."""
    start = re.search(r'"labels"\s*:', text)
    place = start.start() if start else 0
    breaks = [match.start() for match in re.finditer("\n", text[:place])]
    line, column = _line_and_column(breaks, place)
    span = Span(path, line, column, column + len('"labels"'))
    names = [name.strip() for name in labels if isinstance(name, str)]
    if len(names) == len(labels) and names and names[0].lower() in BACKGROUND_WORDS:
        return [Row(integer, name, span) for integer, name in enumerate(names)]
    rows = [_listed_row(each, span) for each in labels]
    if rows and all(row is not None for row in rows):
        return [row for row in rows if row is not None]
    message = "`labels` is a list, which does not say the integers"
    help_ = (
        'write `"labels": {"background": 0, "NAME": 1}`, or let the list start with "background"'
    )
    raise DiagnosticError([Diagnostic("SCH033", "error", message, span=span, help=help_)])


def _listed_row(each: object, span: Span) -> Row | None:
    """Read an object of a list, as this program and 3D Slicer write them; None for another."""
    if not isinstance(each, _Pairs):
        return None
    keys = {key.casefold(): value for key, value in each}
    integer = next((keys[word] for word in _INTEGER_KEYS if word in keys), None)
    name = next((keys[word] for word in _NAME_KEYS if word in keys), None)
    return (
        None if integer is None or not isinstance(name, str) else Row(integer, name.strip(), span)
    )


def _dataset_json_rows(labels: _Pairs, text: str, path: str) -> list[Row]:
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
        rows.append(Row(integer, name.strip(), Span(path, line, column, column + len(written))))
    return rows


def _line_and_column(breaks: list[int], position: int) -> tuple[int, int]:
    line = bisect_left(breaks, position)
    return line + 1, position - (breaks[line - 1] if line else -1)
