"""The plan as a file: one text per plan, the same bytes everywhere.

What is written follows from the fields of the classes. Of a value that may be of several classes
`op` says which. In steps that is the name of the class, for every value, and fields that have their
default are left out; elsewhere it is the `op` of the class, and all fields are written.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import cache
from typing import Any, get_args

from vesalius.engine.plan.plan import PLAN_SCHEMA, WRITTEN_IF_SET, Plan
from vesalius.engine.plan.roles import hints_of
from vesalius.engine.plan.step import Step

LINE_WIDTH = 100
"""A list or mapping that fits this many columns is written on one line."""
_on_one_line = json.JSONEncoder(sort_keys=True, allow_nan=False).encode


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
    return _layout({"schema": PLAN_SCHEMA, **_object(plan, in_step=False)}, 0) + "\n"


def plan_digest(plan: Plan) -> str:
    """SHA-256 of the plan's JSON text, as 64 hexadecimal digits."""
    return hashlib.sha256(plan_to_json(plan).encode("utf-8")).hexdigest()


def _object(value: Any, in_step: bool) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    kind: type = type(value)
    op = kind.__name__ if in_step else getattr(kind, "op", None)
    data: dict[str, object] = {} if op is None else {"op": op}
    for field in dataclasses.fields(value):
        held = getattr(value, field.name)
        rare = in_step or WRITTEN_IF_SET in field.metadata
        if not rare or field.default is dataclasses.MISSING or held != field.default:
            data[field.name] = _data(held, hints_of(kind)[field.name], in_step)
    return data


def _data(value: Any, hint: Any, in_step: bool) -> object:  # noqa: ANN401 - any field
    """Give what a field holds as JSON values, by its annotation."""
    if dataclasses.is_dataclass(value):
        return _object(value, in_step or isinstance(value, Step))
    if value is None or isinstance(value, str):
        return value
    hint = _plain(hint)
    if isinstance(value, tuple):
        inner = get_args(hint)
        hints = inner[:1] * len(value) if inner[1:] == (...,) else inner
        return [_data(entry, of, in_step) for entry, of in zip(value, hints, strict=True)]
    # One spelling per value: 30 and 30.0 are equal, and so are 0.0 and -0.0.
    return float(value) + 0.0 if hint is float else hint(value)


@cache
def _plain(hint: Any) -> Any:  # noqa: ANN401 - any annotation
    """Strip an annotation of its role and of `| None`."""
    while hasattr(hint, "__metadata__") or type(None) in get_args(hint):
        hint = next(part for part in get_args(hint) if part is not type(None))
    return hint


def _layout(value: object, indent: int, before: int = 0) -> str:
    """Write a value that stands `before` columns after its line's indent."""
    flat = _on_one_line(value)
    fits = indent + before + len(flat) <= LINE_WIDTH
    if not isinstance(value, (dict, list)) or not value or fits:
        return flat
    inner = indent + 1
    if isinstance(value, dict):
        keys = {key: f"{json.dumps(key)}: " for key in sorted(value)}
        parts = [text + _layout(value[key], inner, len(text)) for key, text in keys.items()]
    else:
        parts = [_layout(item, inner) for item in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    margin = "\n" + " " * inner
    return opening + margin + f",{margin}".join(parts) + "\n" + " " * indent + closing
