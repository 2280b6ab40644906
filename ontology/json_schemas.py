"""The JSON Schema of a file of structures, for editors; built from what the loader checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vesalius.ontology.attribute import Attribute
from vesalius.ontology.structures_file import NAME_PATTERN, STRUCTURES_SCHEMA, StructureModel

Schema = dict[str, Any]

_NUMBER_PAIR: Final[Schema] = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
}
_RGB: Final[Schema] = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0, "maximum": 255},
    "minItems": 3,
    "maxItems": 3,
}


def structures_json_schema(attributes: Mapping[str, Attribute]) -> Schema:
    """Give the schema of a structures file; the declared attributes become its keys."""
    schema = StructureModel.model_json_schema()
    definitions = schema.pop("$defs", {})
    schema["additionalProperties"] = False
    schema["properties"] |= {a.name: attribute_json_schema(a) for a in attributes.values()}
    return {
        "title": "structures",
        "type": "object",
        "required": ["schema", "structures"],
        "additionalProperties": False,
        "properties": {
            "schema": {"const": STRUCTURES_SCHEMA},
            "structures": {
                "type": "object",
                "propertyNames": {"pattern": f"^{NAME_PATTERN}$"},
                "additionalProperties": {"$ref": "#/$defs/Structure"},
            },
        },
        "$defs": {**definitions, "Structure": schema},
    }


def attribute_json_schema(attribute: Attribute) -> Schema:
    """Give the schema of one attribute's value."""
    schema = _value_schema(attribute)
    return {**schema, "description": attribute.about} if attribute.about else schema


def _value_schema(attribute: Attribute) -> Schema:
    kind = attribute.kind
    if kind == "choice":
        return {"enum": list(attribute.values)}
    if kind == "choices":
        return _one_or_many({"enum": list(attribute.values)})
    if kind == "list" and attribute.values:
        return {"type": "array", "items": {"enum": list(attribute.values)}}
    return dict(_KINDS[kind])


def _one_or_many(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


_KINDS: Final[Mapping[str, Schema]] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "range": _NUMBER_PAIR,
    "text": {"type": "string"},
    "rgb": _RGB,
    "structure": {"type": "string", "pattern": f"^{NAME_PATTERN}$"},
    "list": {"type": "array", "items": {"type": ["string", "number"]}},
}
