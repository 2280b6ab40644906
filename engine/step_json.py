"""Steps as plain data and back, by the fields of their classes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from vesalius.engine.steps import Step

OP = "op"


def step_to_data(step: Step) -> dict[str, object]:
    """Give a step as JSON values; fields that have their default are left out.

    Parameters
    ----------
    step : Step

    Returns
    -------
    dict
        Each value of a class has its class's name under ``op``.
    """
    return _object(step)


def step_from_data(data: object, place: str) -> Step:
    """Read what :func:`step_to_data` gave.

    Parameters
    ----------
    data : object
        JSON values.
    place : str
        Where they stand, for messages.

    Raises
    ------
    ValueError
        If something is missing, unknown or of the wrong kind. The text names the place.
    """
    value = _read(data, Step, place)
    if not isinstance(value, Step):
        raise ValueError(f"{place}: not a step")
    return value


def _object(value: object) -> dict[str, object]:
    data: dict[str, object] = {OP: type(value).__name__}
    for field in dataclasses.fields(value):  # type: ignore[arg-type]  # only called on steps
        held = getattr(value, field.name)
        if field.default is dataclasses.MISSING or held != field.default:
            data[field.name] = _data(held)
    return data


def _data(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _object(value)
    if isinstance(value, tuple):
        return [_data(item) for item in value]
    if isinstance(value, float):
        return value + 0.0  # one spelling: -0.0 is 0.0
    return value


@lru_cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _read(data: object, kind: Any, place: str) -> object:  # noqa: ANN401 - any annotation
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _read_union(data, get_args(kind), place)
    if origin is tuple:
        return _read_tuple(data, get_args(kind), place)
    if origin is Literal:
        if data not in get_args(kind):
            raise ValueError(f"{place}: expected one of {get_args(kind)}, not {data!r}")
        return data
    if dataclasses.is_dataclass(kind):
        return _read_object(data, kind, place)
    return _read_plain(data, kind, place)


def _read_plain(data: object, kind: type, place: str) -> object:
    if kind is float and isinstance(data, (int, float)) and not isinstance(data, bool):
        return float(data)
    if kind is NoneType:
        kind = type(None)
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise ValueError(f"{place}: expected {kind.__name__}, not {data!r}")
    return data


def _read_union(data: object, kinds: tuple[Any, ...], place: str) -> object:
    if data is None and NoneType in kinds:
        return None
    classes = {k.__name__: k for k in kinds if isinstance(k, type) and dataclasses.is_dataclass(k)}
    if isinstance(data, dict) and classes:
        if data.get(OP) not in classes:
            raise ValueError(f"{place}: unknown op `{data.get(OP)}`; ops: {', '.join(classes)}")
        return _read_object(data, classes[data[OP]], place)
    plain = [k for k in kinds if k is not NoneType and not dataclasses.is_dataclass(k)]
    if len(plain) == 1:
        return _read(data, plain[0], place)
    raise ValueError(f"{place}: expected a mapping with an `op`, not {data!r}")


def _read_tuple(data: object, kinds: tuple[Any, ...], place: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise ValueError(f"{place}: expected a list, not {data!r}")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(item, kinds[0], f"{place}[{at}]") for at, item in enumerate(data))
    if len(data) != len(kinds):
        raise ValueError(f"{place}: expected a list of {len(kinds)}")
    return tuple(
        _read(item, kind, f"{place}[{at}]")
        for at, (item, kind) in enumerate(zip(data, kinds, strict=True))
    )


def _read_object(data: object, kind: Any, place: str) -> object:  # noqa: ANN401 - any class
    if not isinstance(data, dict) or data.get(OP) != kind.__name__:
        raise ValueError(f"{place}: expected a mapping with the op `{kind.__name__}`")
    hints = _hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in data:
        if key != OP and key not in fields:
            raise ValueError(f"{place}: unknown key `{key}`")
    values = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _read(data[name], hints[name], f"{place}.{name}")
        elif field.default is dataclasses.MISSING:
            raise ValueError(f"{place}: the key `{name}` is missing")
    return kind(**values)
