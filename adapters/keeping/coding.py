"""Plain frozen values as JSON and back: what is read equals what was written.

Values of dataclasses are written once each, however often they are held, in an order in which
those inside come first. What is read can only become values of the modules listed here: a file that
someone else wrote can say something wrong, but cannot run anything.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Mapping
from typing import Any, Final

MODULES: Final = (
    "vesalius.engine.kinds.",
    "vesalius.engine.plan.",
    "vesalius.adapters.cases.briefs",
    "vesalius.adapters.files.label_tables",
    "vesalius.adapters.identify.expected",
    "vesalius.adapters.keeping.known",
    "vesalius.adapters.measures.suspicion",
    "vesalius.adapters.measures.table_schema",
    "vesalius.adapters.prepared.kept",
    "vesalius.ontology.attribute",
    "vesalius.ontology.concept_codes",
    "vesalius.ontology.graph",
    "vesalius.ontology.hierarchy",
    "vesalius.ontology.reading.problem",
    "vesalius.ontology.scheme.meaning",
    "vesalius.ontology.scheme.scheme",
    "vesalius.ontology.sequence",
    "vesalius.ontology.structure",
    "vesalius.rules.idle",
)
"""Where the classes of values stand; one that ends in a dot means all modules below it."""
_AT, _MAP, _SET = "@", "map", "set"


def encode_value(value: object) -> str:
    """Write a value as JSON.

    Parameters
    ----------
    value : object
        A dataclass of `MODULES`, of texts, numbers, None, tuples, mappings, frozen sets and such.

    Raises
    ------
    TypeError
        If something else is in it.
    """
    writer = _Writer()
    top = writer.data(value)
    classes = [[f"{kind.__module__}:{kind.__name__}", *_names(kind)] for kind in writer.classes]
    whole = {"classes": classes, "values": writer.values, "top": top}
    return json.dumps(whole, separators=(",", ":"), allow_nan=False)


def decode_value(text: str) -> Any:  # noqa: ANN401 - whatever was written
    """Read what :func:`encode_value` wrote.

    Raises
    ------
    ValueError
        If it is something else, or was written for classes that are different now.
    """
    try:
        whole = json.loads(text)
        kinds = [_class_of(*written) for written in whole["classes"]]
        values: list[Any] = []
        for at, *fields in whole["values"]:
            values.append(kinds[at](*[_read(held, values) for held in fields]))
        return _read(whole["top"], values)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ImportError) as failed:
        raise ValueError(f"this is no value that can be read: {failed}") from None


class _Writer:
    """What has been written so far."""

    def __init__(self) -> None:
        self.classes: dict[type, int] = {}
        self.values: list[list[object]] = []
        self._written: dict[str, int] = {}

    def data(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, tuple):
            return [self.data(held) for held in value]
        if isinstance(value, frozenset):
            return {_SET: [self.data(held) for held in sorted(value)]}
        if isinstance(value, Mapping):
            return {_MAP: [[self.data(key), self.data(held)] for key, held in value.items()]}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {_AT: self._place(value)}
        raise TypeError(f"a value of type {type(value).__name__} cannot be kept")

    def _place(self, value: Any) -> int:  # noqa: ANN401 - any dataclass
        kind = type(value)
        if not _is_known(kind.__module__):
            raise TypeError(f"a value of {kind.__module__} cannot be kept")
        fields = [self.data(getattr(value, name)) for name in _names(kind)]
        written = [self.classes.setdefault(kind, len(self.classes)), *fields]
        place = self._written.setdefault(json.dumps(written), len(self.values))
        if place == len(self.values):
            self.values.append(written)
        return place


def _read(data: Any, values: list[Any]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(data, list):
        return tuple([_read(held, values) for held in data])
    if isinstance(data, dict):
        ((form, held),) = data.items()
        if form == _AT:
            return values[held]
        if form == _MAP:
            return {_read(key, values): _read(value, values) for key, value in held}
        if form == _SET:
            return frozenset(_read(value, values) for value in held)
        raise ValueError(f"`{form}` is no form of a value")
    return data


def _names(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind) if field.init]


def _class_of(name: str, *names: str) -> type:
    module, _, word = name.partition(":")
    if not _is_known(module):
        raise ValueError(f"{module} holds no values that are kept")
    kind = getattr(importlib.import_module(module), word)
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)) or _names(kind) != [*names]:
        raise ValueError(f"{name} is not what it was")
    return kind


def _is_known(module: str) -> bool:
    return any(module == m or (m.endswith(".") and module.startswith(m)) for m in MODULES)
