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
from vesalius.ontology.load import load_ontology
from vesalius.ontology.project import Project, project_json_schema
from vesalius.ontology.scheme.models import scheme_json_schema
from vesalius.rules.places import anchors_json_schema
from vesalius.rules.schema import rules_json_schema

_MAKERS: Mapping[str, Callable[[Project | None], dict[str, object]]] = {
    "project": lambda _: project_json_schema(),
    "attributes": lambda _: attributes_json_schema(),
    "structures": lambda project: structures_json_schema(load_ontology(project).attributes),
    "sequences": lambda _: sequences_json_schema(),
    "scheme": lambda project: scheme_json_schema(load_ontology(project)),
    "anchors": lambda _: anchors_json_schema(),
    "rules": lambda _: rules_json_schema(),
    "cohort": lambda _: cohort_json_schema(),
    "selftrain": lambda _: selftrain_json_schema(),
}

SCHEMA_NAMES = tuple(_MAKERS)


def json_schema(name: str, project: Project | None = None) -> dict[str, object]:
    """Give the JSON Schema of one kind of file.

    Parameters
    ----------
    name : str
        One of `SCHEMA_NAMES`.
    project : Project, optional
        What it adds is known too.

    Returns
    -------
    dict
    """
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_MAKERS[name](project)}
