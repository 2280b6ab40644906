"""JSON Schemas of every kind of YAML file, for editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vesalius.adapters.cohort.cohort_models import cohort_json_schema
from vesalius.adapters.selftrain.pipeline_models import selftrain_json_schema
from vesalius.ontology.json_schemas import (
    attributes_json_schema,
    sequences_json_schema,
    structures_json_schema,
)
from vesalius.ontology.ontology import load_ontology
from vesalius.ontology.schemes import scheme_json_schema
from vesalius.rules.anchors import anchors_json_schema
from vesalius.rules.rule_schema import rules_json_schema

_MAKERS: Mapping[str, Callable[[], dict[str, object]]] = {
    "attributes": attributes_json_schema,
    "structures": lambda: structures_json_schema(load_ontology().attributes),
    "sequences": sequences_json_schema,
    "scheme": lambda: scheme_json_schema(load_ontology()),
    "anchors": anchors_json_schema,
    "rules": rules_json_schema,
    "cohort": cohort_json_schema,
    "selftrain": selftrain_json_schema,
}

SCHEMA_NAMES = tuple(_MAKERS)


def json_schema(name: str) -> dict[str, object]:
    """Give the JSON Schema of one kind of file.

    Parameters
    ----------
    name : str
        One of `SCHEMA_NAMES`.

    Returns
    -------
    dict
    """
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_MAKERS[name]()}
