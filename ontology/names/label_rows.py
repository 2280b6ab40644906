"""The rows of a label table, before and after their integers are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from vesalius.ontology.reading.diagnostics import (
    Diagnostic,
    DiagnosticError,
    Note,
    Span,
    display_path,
)
from vesalius.ontology.reading.side_files import TABLE_BYTES, decode_text, read_side_file

BACKGROUND_WORDS = frozenset({"background", "bg", "backgrnd"})
_MOST_DIGITS = 18
_SHOWN = 60
_FORMS = "lists are read as `1 liver`, tables as `1,liver`, `1;liver` or with tabs"
_ZIP = b"PK\x03\x04"
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


@dataclass(frozen=True)
class Row:
    """One line of a label table, before the integer is read.

    Parameters
    ----------
    integer : object
        As written.
    name : str
        Of the class.
    span : Span
        Where it stands.
    """

    integer: object
    name: str
    span: Span


def collect(rows: Iterable[Row], path: str) -> dict[int, str]:
    """Read the integers, and give the name of each.

    Raises
    ------
    DiagnosticError
        SCH031 no labels, SCH033 no integer, SCH034 two names for one integer.
    """
    found: dict[int, str] = {}
    first: dict[int, Row] = {}
    problems = []
    for row in rows:
        if not is_integer(row.integer) or not row.name:
            problems.append(no_integer(row))
        elif int(str(row.integer)) in found:
            problems.append(two_names(int(str(row.integer)), first[int(str(row.integer))], row))
        else:
            found[int(str(row.integer))] = row.name
            first[int(str(row.integer))] = row
    if problems:
        raise DiagnosticError(_shortened(problems, path))
    if not found:
        raise DiagnosticError([Diagnostic("SCH031", "error", "the file has no labels", path=path)])
    return found


def _shortened(problems: list[Diagnostic], path: str) -> list[Diagnostic]:
    """Say which forms are read, and tell a form that no row has once, not for every row."""
    rows = [problem for problem in problems if problem.code == "SCH033"]
    if not rows:
        return problems
    forms = None if path.lower().endswith(".json") else _FORMS
    first = replace(rows[0], help=forms)
    if len(rows) <= _ROWS_SHOWN:
        return [first if problem is rows[0] else problem for problem in problems]
    more = f"{rows[0].message} (and so in {len(rows) - 1} more rows)"
    others = (problem for problem in problems if problem.code != "SCH033")
    return [replace(first, message=more), *others]


def no_integer(row: Row) -> Diagnostic:
    """Say that a row has no integer or no name."""
    named = f" of `{row.name}`" if row.name else ""
    shown = str(row.integer) if len(str(row.integer)) <= _SHOWN else f"{str(row.integer)[:_SHOWN]}…"
    message = f"expected an integer and a name; the integer{named} is `{shown}`"
    return Diagnostic("SCH033", "error", message, span=row.span)


def two_names(integer: int, first: Row, second: Row) -> Diagnostic:
    """Say that one integer has two names."""
    message = f"{integer} has two names, `{first.name}` and `{second.name}`"
    advice = "give one of them its own integer, or take it out"
    notes = (Note(f"`{first.name}` is here", first.span),)
    return Diagnostic("SCH034", "error", message, span=second.span, help=advice, notes=notes)


def is_integer(value: object) -> bool:
    """Tell whether a value is a whole number that is not negative, or a text of one."""
    if isinstance(value, str):
        return value.strip().isdecimal() and len(value) <= _MOST_DIGITS
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def label_text(path: str | Path, most_bytes: int = TABLE_BYTES) -> tuple[str, str]:
    """Read a text file, and give it with the path as messages show it.

    Raises
    ------
    DiagnosticError
        SCH030 where it cannot be read, or is no UTF-8 (or what its byte order mark says).
    """
    shown = display_path(path)
    help_ = None
    try:
        data = read_side_file(path, most_bytes)
        if data.startswith(_ZIP):
            reason = "it is a zip archive, no text"
            help_ = "a workbook of a spreadsheet program? Save it as CSV UTF-8"
        else:
            # Tables from spreadsheets start with a byte order mark.
            return decode_text(data), shown
    except UnicodeDecodeError:
        reason, help_ = "it is not UTF-8 text", "save it with the encoding UTF-8"
    except OSError as error:
        reason = str(error.strerror)
    message = f"the file cannot be read: {reason}"
    raise DiagnosticError([Diagnostic("SCH030", "error", message, path=shown, help=help_)])
