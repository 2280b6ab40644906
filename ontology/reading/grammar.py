"""Which pydantic models may stand at a place of a file."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from vesalius.ontology.reading.document import YamlPath


def models_at(
    model: type[BaseModel],
    value: Any,  # noqa: ANN401 - any YAML value
    path: YamlPath,
) -> list[type[BaseModel]]:
    """Give the models that may stand at a path inside a value of a model.

    Parameters
    ----------
    model : type of BaseModel
        Of the value.
    value : object
        As read.
    path : tuple of str or int
        Keys and positions in it, all of which exist.
    """
    places = _meant(_alternatives(model), value)
    for step in path:
        value = value[step]
        places = _meant([found for place in places for found in inside(place, step)], value)
    return [place for place in places if _is_model(place)]


def _meant(places: list[object], value: object) -> list[object]:
    """Keep the forms whose keys are all there, where there are such: one of them is meant."""
    keys = set(value) if isinstance(value, dict) else set()
    whole: list[object] = [p for p in places if _is_model(p) and required(p) <= keys]
    return whole or places


def _is_model(place: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(place, type) and issubclass(place, BaseModel)


def required(model: type[BaseModel]) -> set[str]:
    """Give the keys that a model cannot be without, as they are written."""
    fields = model.model_fields.items()
    return {field.alias or name for name, field in fields if field.is_required()}


def _alternatives(annotation: object) -> list[object]:
    """Take unions, annotations and root models apart."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [found for part in get_args(annotation) for found in _alternatives(part)]
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        return _alternatives(annotation.model_fields["root"].annotation)
    return [annotation]


def inside(annotation: object, step: int | str) -> list[object]:
    """Give what may stand at a key or position of a value of a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [
            found
            for name, field in annotation.model_fields.items()
            if step in (name, field.alias)
            for found in _alternatives(field.annotation)
        ]
    arguments = get_args(annotation)
    return _alternatives(arguments[-1]) if arguments else []
