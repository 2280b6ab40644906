"""The plan as a file: one text per plan, the same bytes everywhere.

What is written follows from the fields of the classes. Of a value that may be of several classes
`op` says which. In steps that is the name of the class, for every value, and fields that have their
default are left out; elsewhere it is the `op` of the class, and all fields are written.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import cache, lru_cache
from typing import Any, NamedTuple, get_args

from vesalius.engine.plan.plan import PLAN_SCHEMA, WRITTEN_IF_SET, Plan
from vesalius.engine.plan.roles import hints_of
from vesalius.engine.plan.step import Step

LINE_WIDTH = 100
"""A list or mapping that fits this many columns is written on one line."""


def plan_to_json(plan: Plan) -> str:
    """Write a plan as JSON.

    Keys are sorted, numbers have their shortest exact form, and the layout depends on the
    content alone: equal plans give equal bytes.

    Parameters
    ----------
    plan : Plan
        Any plan whose numbers are finite.

    Returns
    -------
    str
        ASCII text with a newline at its end.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return _layout(_text({"schema": PLAN_SCHEMA, **_object(plan, in_step=False)}), 0) + "\n"


def plan_digest(plan: Plan) -> str:
    """SHA-256 of the plan's JSON text, as 64 hexadecimal digits."""
    return hashlib.sha256(plan_to_json(plan).encode("utf-8")).hexdigest()


def _object(value: Any, in_step: bool) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    kind: type = type(value)
    op = kind.__name__ if in_step else getattr(kind, "op", None)
    data: dict[str, object] = {} if op is None else {"op": op}
    for field, hint in _fields(kind):
        held = getattr(value, field.name)
        rare = in_step or WRITTEN_IF_SET in field.metadata
        if not rare or field.default is dataclasses.MISSING or held != field.default:
            data[field.name] = _data(held, hint, in_step)
    return data


@cache
def _fields(kind: type) -> tuple[tuple[dataclasses.Field[Any], Any], ...]:
    """Return the fields of a dataclass, each with its annotation."""
    return tuple((field, hints_of(kind)[field.name]) for field in dataclasses.fields(kind))


def _data(value: Any, hint: Any, in_step: bool) -> object:  # noqa: ANN401 - any field
    """Give what a field holds as JSON values, by its annotation."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        inner = get_args(_plain(hint))
        if inner == (int, ...):
            return list(map(int, value))
        hints = inner[:1] * len(value) if inner[1:] == (...,) else inner
        return [_data(entry, of, in_step) for entry, of in zip(value, hints, strict=True)]
    if dataclasses.is_dataclass(value):
        return _object(value, in_step or isinstance(value, Step))
    hint = _plain(hint)
    # One spelling per value: 30 and 30.0 are equal, and so are 0.0 and -0.0.
    return float(value) + 0.0 if hint is float else hint(value)


@cache
def _plain(hint: Any) -> Any:  # noqa: ANN401 - any annotation
    """Strip an annotation of its role and of `| None`."""
    while hasattr(hint, "__metadata__") or type(None) in get_args(hint):
        hint = next(part for part in get_args(hint) if part is not type(None))
    return hint


class _Text(NamedTuple):
    """A value as text.

    Parameters
    ----------
    line : str
        On one line; empty where that is longer than any line.
    inner : tuple of (str, _Text), optional
        What it holds, each with what is written before it; else the line is all there is.
    brackets : str
        What is around it.
    """

    line: str
    inner: tuple[tuple[str, _Text], ...] = ()
    brackets: str = ""


_SCALAR = json.JSONEncoder(allow_nan=False)


@lru_cache(maxsize=4096)
def _integer(value: int) -> _Text:
    """Write an integer; plans have thousands, of some hundred labels."""
    return _Text(str(value))


def _text(value: object) -> _Text:
    """Write a value, and all that it holds, once."""
    inner: tuple[tuple[str, _Text], ...]
    if isinstance(value, dict):
        brackets = "{}"
        inner = tuple((f"{_SCALAR.encode(key)}: ", _text(value[key])) for key in sorted(value))
    elif isinstance(value, list):
        brackets, inner = "[]", tuple([("", _text(entry)) for entry in value])
    elif type(value) is int:
        return _integer(value)
    else:
        return _Text(_SCALAR.encode(value))
    line = ""
    if all(text.line for _, text in inner):
        line = ", ".join([before + text.line for before, text in inner])
        line = f"{brackets[0]}{line}{brackets[1]}" if len(line) < LINE_WIDTH else ""
    return _Text(line, inner, brackets)


def _layout(text: _Text, indent: int, before: int = 0) -> str:
    """Write a value that stands `before` columns after its line's indent."""
    fits = text.line and indent + before + len(text.line) <= LINE_WIDTH
    if fits or not text.inner:
        return text.line
    inner = indent + 1
    parts = [start + _layout(held, inner, len(start)) for start, held in text.inner]
    opening, closing = text.brackets[0], text.brackets[1]
    margin = "\n" + " " * inner
    return opening + margin + f",{margin}".join(parts) + "\n" + " " * indent + closing
