"""JSON Schemas of every kind of YAML file, for editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vesalius.adapters.cohort.cohort_models import CohortModel
from vesalius.adapters.selftrain.pipeline_models import PipelineModel
from vesalius.ontology.attributes_file import AttributesModel
from vesalius.ontology.json_schemas import structures_json_schema
from vesalius.ontology.load import load_ontology
from vesalius.ontology.project import Project, ProjectFile
from vesalius.ontology.scheme.models import scheme_json_schema
from vesalius.ontology.sequences_file import SequencesModel
from vesalius.rules.places.anchor_models import AnchorFile
from vesalius.rules.schema import rules_json_schema

_MAKERS: Mapping[str, Callable[[Project | None], dict[str, object]]] = {
    "project": lambda _: ProjectFile.model_json_schema(),
    "attributes": lambda _: AttributesModel.model_json_schema(),
    "structures": lambda project: structures_json_schema(load_ontology(project).attributes),
    "sequences": lambda _: SequencesModel.model_json_schema(),
    "scheme": lambda project: scheme_json_schema(load_ontology(project)),
    "anchors": lambda _: AnchorFile.model_json_schema(),
    "rules": lambda _: rules_json_schema(),
    "cohort": lambda _: CohortModel.model_json_schema(),
    "selftrain": lambda _: PipelineModel.model_json_schema(),
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
