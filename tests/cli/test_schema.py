"""The JSON Schemas for editors: those in the repository are the ones the code gives, and fit."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from vesalius.adapters.schemas import SCHEMA_NAMES, json_schema
from vesalius.ontology.reading.document import load_document


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_the_committed_schema_has_not_drifted(root, name):
    """Rewrite them with `vesalius schema --write adapters/json_schemas`."""
    committed = json.loads((root / f"adapters/json_schemas/{name}.schema.json").read_text())
    assert committed == json.loads(json.dumps(json_schema(name)))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("attributes", "ontology/attributes.yaml"),
        ("sequences", "ontology/sequences.yaml"),
        ("structures", "ontology/structures/*.yaml"),
        ("scheme", "ontology/schemes/*.yaml"),
        ("anchors", "rules/anchors.yaml"),
        ("rules", "rules/packs/*/*.yaml"),
    ],
)
def test_every_shipped_file_fits_its_schema(root, name, pattern):
    validator = jsonschema.Draft202012Validator(json_schema(name))
    files = sorted(root.glob(pattern))
    assert files
    for path in files:
        # `no` is a word in YAML 1.2; keys of JSON are texts, so whole numbers become texts.
        data = json.loads(json.dumps(load_document(path).data))
        errors = [e.message for e in validator.iter_errors(data)]
        assert errors == [], path


def test_a_typo_does_not_fit(root):
    validator = jsonschema.Draft202012Validator(json_schema("scheme"))
    data = yaml.safe_load((root / "ontology/schemes/segthor.yaml").read_text())
    data["lables"] = data.pop("labels")
    assert list(validator.iter_errors(json.loads(json.dumps(data))))


def test_the_command_prints_and_writes(vesalius, tmp_path):
    printed = vesalius("schema", "scheme")
    assert json.loads(printed.stdout) == json.loads(json.dumps(json_schema("scheme")))
    assert vesalius("schema", "--write", tmp_path / "s").returncode == 0
    assert len(list((tmp_path / "s").iterdir())) == len(SCHEMA_NAMES)
    assert vesalius("schema").returncode == 2
