"""YAML files as plain data that still know where every key and value was written.

The YAML 1.2 core schema is read: ``yes``, ``on`` and ``12:30`` are text, ``010`` is ten.
Anchors, aliases, tags and merge keys are refused, because what is read must be what is
written. Data and places are built in one walk over the parser's events.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import yaml

from vesalius.ontology.reading.diagnostics import (
    Diagnostic,
    DiagnosticError,
    Note,
    Span,
    display_path,
)
from vesalius.ontology.reading.files_read import note_file
from vesalius.ontology.reading.nearest import renew_effort, suggest_file
from vesalius.ontology.reading.plain_scalars import core_value, is_whole_number
from vesalius.ontology.reading.problem import LINE_BREAK
from vesalius.ontology.reading.side_files import YAML_BYTES, read_side_file
from vesalius.ontology.reading.syntax_errors import syntax_error

__all__ = [
    "Data",
    "Document",
    "TextPlace",
    "YamlPath",
    "core_value",
    "load_document",
    "parse_document",
]

Data = dict[Any, Any] | list[Any] | str | int | float | bool | None
YamlPath = tuple[str | int, ...]

# libyaml is about ten times faster; both give the same events.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_MAX_DEPTH = 64
_TOO_DEEP_TO_SCAN = "exceeded maximum nesting depth"
"""What libyaml says from 0.2.6 on at bracket 1001, which it may see before it gives the first."""
_MAX_SHOWN = 40
_MAX_DIGITS = 300
_MAX_INTEGER = 10**_MAX_DIGITS - 1
"""Whole numbers up to here have a floating-point number beside them."""

# What YAML does not allow in a stream (YAML 1.2.2, section 5.1).
_FORBIDDEN = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class TextPlace:
    """Where a value stands, and the places of what it holds. Counts from 0, end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    keys: dict[str | int, TextPlace] = field(default_factory=dict)
    items: dict[str | int, TextPlace] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Document:
    """A parsed YAML file.

    Parameters
    ----------
    path : str
        The file as it is shown to the user.
    text : str
        The whole text.
    data : dict, list, str, int, float, bool or None
        Plain data; None for an empty file.
    spans : TextPlace
        The place of the top value; use :meth:`span`.
    """

    path: str
    text: str
    data: Data
    spans: TextPlace

    def span(self, path: YamlPath, key: bool = False) -> Span:
        """Give the span of a value, or of its key.

        Parameters
        ----------
        path : tuple of str or int
            Keys and list positions from the top, such as ``("labels", 3)``.
        key : bool
            Point at the key instead of the value.

        Returns
        -------
        Span
            Of the nearest parent that exists where the path does not; of the first line
            where the value covers several.
        """
        place, key_place = self.spans, None
        for depth, step in enumerate(path):
            child = place.items.get(step)
            if child is None:
                # A value that is missing belongs to its parent, best shown by the parent's key.
                key = depth > 0
                break
            key_place = place.keys.get(step)
            place = child
        return self._span(key_place if key and key_place is not None else place)

    def _span(self, place: TextPlace) -> Span:
        end = place.end_column
        if place.end_line != place.line:
            end = len(self.line(place.line + 1).rstrip())
        return Span(self.path, place.line + 1, place.column + 1, max(end, place.column + 1) + 1)

    def line(self, number: int) -> str:
        """Give a line of the text, counting from 1; empty where there is none."""
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    @cached_property
    def _lines(self) -> list[str]:
        return LINE_BREAK.split(self.text)


def load_document(path: str | Path) -> Document:
    """Read a YAML file.

    Raises
    ------
    DiagnosticError
        YML004 where the file cannot be read, else as :func:`parse_document`.
    """
    shown = display_path(path)
    try:
        raw = read_side_file(path, YAML_BYTES)
    except OSError as error:
        raise DiagnosticError([_unreadable(Path(path), shown, error)]) from None
    note_file(path, raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        problem = Diagnostic(
            "YML004",
            "error",
            f"the text is not UTF-8: byte 0x{raw[error.start]:02x} cannot be read",
            span=_span_at(before, len(before), shown),
            help="save the file with the encoding UTF-8",
        )
        raise DiagnosticError([problem]) from None
    return parse_document(text, shown)


def parse_document(text: str, path: str | Path) -> Document:
    """Parse YAML text.

    Parameters
    ----------
    text : str
        The text of one YAML document.
    path : str or Path
        The name shown in messages.

    Raises
    ------
    DiagnosticError
        YML001 (syntax), YML002 (a key written twice), YML003 (a YAML feature that is not used
        here); all that were found.
    """
    renew_effort()
    shown = str(path)
    text = text.removeprefix("\ufeff")
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        problem = Diagnostic(
            "YML001",
            "error",
            f"the character U+{ord(forbidden[0]):04X} is not allowed in YAML",
            span=_span_at(text, forbidden.start(), shown),
            help="remove the character, or write it as an escape in double quotes",
        )
        raise DiagnosticError([problem])
    builder = _Builder(shown)
    try:
        data, place = builder.build(iter(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        if error.problem == _TOO_DEEP_TO_SCAN and error.problem_mark is not None:
            # What lies before is deeper than what is read here, and where that begins is told.
            return parse_document(text[: error.problem_mark.index], path)
        builder.problems.append(syntax_error(error, LINE_BREAK.split(text), shown))
        raise DiagnosticError(builder.problems) from None
    if builder.problems:
        raise DiagnosticError(builder.problems)
    return Document(shown, text, data, place)


class _TooDeepError(Exception):
    """Nested deeper than anything a person writes."""


class _Builder:
    """Turns parser events into data and places; collects what is refused."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Diagnostic] = []

    def build(self, events: Iterator[Any]) -> tuple[Data, TextPlace]:
        """Build the one document of the stream."""
        data: Data = None
        place = TextPlace(0, 0, 0, 0)
        documents = 0
        try:
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._refuse(event, "a second document starts here", "use one file each")
                        break
                elif isinstance(event, yaml.NodeEvent):
                    data, place = self._value(event, events, 0)
        except _TooDeepError:
            return None, place
        return data, place

    def _value(
        self, event: yaml.NodeEvent, events: Iterator[yaml.Event], depth: int
    ) -> tuple[Data, TextPlace]:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"the alias `*{event.anchor}` is not supported", _WRITE_OUT)
            return None, _place(event, event)
        if event.anchor is not None:
            self._refuse(event, f"the anchor `&{event.anchor}` is not supported", _WRITE_OUT)
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, f"the tag `{tag}` is not supported", "remove the tag")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event), _place(event, event)
        if depth >= _MAX_DEPTH:
            self.problems.append(
                Diagnostic(
                    "YML001",
                    "error",
                    f"nested deeper than {_MAX_DEPTH} levels",
                    span=self._span(event),
                )
            )
            raise _TooDeepError
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, events, depth)
        return self._list(event, events, depth)

    def _list(
        self, start: yaml.Event, events: Iterator[yaml.Event], depth: int
    ) -> tuple[Data, TextPlace]:
        data: list[Any] = []
        items: dict[str | int, TextPlace] = {}
        while isinstance(event := next(events), yaml.NodeEvent):
            value, items[len(data)] = self._value(event, events, depth + 1)
            data.append(value)
        return data, _place(start, event, items=items)

    def _mapping(
        self, start: yaml.Event, events: Iterator[yaml.Event], depth: int
    ) -> tuple[Data, TextPlace]:
        data: dict[Any, Any] = {}
        keys: dict[str | int, TextPlace] = {}
        items: dict[str | int, TextPlace] = {}
        while isinstance(event := next(events), yaml.NodeEvent):
            before = len(self.problems)
            key, key_place = self._value(event, events, depth + 1)
            refused = key is None and len(self.problems) > before
            value_event = cast("yaml.NodeEvent", next(events))  # a key is followed by its value
            if _is_merge(key, event) and isinstance(value_event, yaml.AliasEvent):
                self._as_key(key, event)  # one message for the key and its alias
                continue
            value, value_place = self._value(value_event, events, depth + 1)
            name = None if refused else self._as_key(key, event)
            if name is None:
                continue
            if name in data:
                self._twice(name, event, keys[name])
                continue
            data[name], keys[name], items[name] = value, key_place, value_place
        return data, _place(start, event, keys, items)

    def _as_key(self, key: Data, event: yaml.Event) -> str | int | None:
        if isinstance(event, yaml.AliasEvent):
            return None
        if _is_merge(key, event):
            self._refuse(event, "the merge key `<<` is not supported", _WRITE_OUT)
            return None
        if isinstance(key, str) or (isinstance(key, int) and not isinstance(key, bool)):
            return key
        whole = isinstance(key, float) and key.is_integer()
        advice = f"write `{key:.0f}`" if whole else "put the key in quotes"
        self._refuse(event, "a key must be text or a whole number", advice)
        return None

    def _scalar(self, event: yaml.ScalarEvent) -> Data:
        text: str = event.value
        if not _is_plain(event):
            return text
        if len(text) > _MAX_DIGITS + len("0x") and is_whole_number(text):
            self._no_number(event, f"the number has more than {_MAX_DIGITS} digits")
            return None
        value = core_value(text)
        if isinstance(value, int) and abs(value) > _MAX_INTEGER:
            self._no_number(event, f"the number has more than {_MAX_DIGITS} digits")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            shown = text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"
            advice = "write a number that is finite, or put it in quotes if it is text"
            self._no_number(event, f"`{shown}` is no finite number", advice)
            return None
        return value

    def _no_number(self, event: yaml.Event, message: str, advice: str | None = None) -> None:
        span = self._span(event)
        self.problems.append(Diagnostic("YML001", "error", message, span=span, help=advice))

    def _twice(self, key: str | int, event: yaml.Event, first: TextPlace) -> None:
        note = Note(
            "first written here",
            Span(self.path, first.line + 1, first.column + 1, first.end_column + 1),
        )
        message = f"key `{key}` is written twice; YAML would keep only one of them"
        span = self._span(event)
        self.problems.append(
            Diagnostic("YML002", "error", message, span=span, help="take one out", notes=(note,))
        )

    def _refuse(self, event: yaml.Event, message: str, advice: str) -> None:
        span = self._span(event)
        self.problems.append(Diagnostic("YML003", "error", message, span=span, help=advice))

    def _span(self, event: yaml.Event) -> Span:
        start, end = _marks(event, event)
        stop = end.column if end.line == start.line else start.column + 1
        return Span(self.path, start.line + 1, start.column + 1, max(stop, start.column + 1) + 1)


_WRITE_OUT = "write the values out, so that what is read is what runs"


def _is_merge(key: Data, event: yaml.Event) -> bool:
    return key == "<<" and _is_plain(event)


def _is_plain(event: yaml.Event) -> bool:
    """Tell whether a scalar was written without quotes, tag or block indicator."""
    return isinstance(event, yaml.ScalarEvent) and event.tag is None and bool(event.implicit[0])


def _marks(start: yaml.Event, end: yaml.Event) -> tuple[yaml.Mark, yaml.Mark]:
    """Give where the first event starts and the last ends; parsed events always have both."""
    return cast("yaml.Mark", start.start_mark), cast("yaml.Mark", end.end_mark)


def _place(
    start: yaml.Event,
    end: yaml.Event,
    keys: dict[str | int, TextPlace] | None = None,
    items: dict[str | int, TextPlace] | None = None,
) -> TextPlace:
    first, last = _marks(start, end)
    return TextPlace(first.line, first.column, last.line, last.column, keys or {}, items or {})


def _unreadable(path: Path, shown: str, error: OSError) -> Diagnostic:
    advice = None
    if isinstance(error, FileNotFoundError):
        message, advice = "the file does not exist", suggest_file(path)
    elif path.is_dir():
        message = "this is a folder, not a file"
    else:
        message = f"the file cannot be read: {error.strerror or error}"
    return Diagnostic("YML004", "error", message, path=shown, help=advice)


def _span_at(text: str, position: int, path: str) -> Span:
    lines = LINE_BREAK.split(text[:position])
    return Span(path, len(lines), len(lines[-1]) + 1, len(lines[-1]) + 2)
