"""The shipped schemes, and the reference tables they are compared with."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology, load_scheme, scheme_paths
from vesalius.ontology.scheme.scheme import Scheme


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="session")
def scheme(ontology: Ontology) -> Callable[[str], Scheme]:
    """Load a shipped scheme by its name, once."""
    loaded: dict[str, Scheme] = {}

    def get(name: str) -> Scheme:
        if name not in loaded:
            loaded[name] = load_scheme(name, ontology)
        return loaded[name]

    return get


@pytest.fixture(scope="session")
def schemes(scheme: Callable[[str], Scheme]) -> dict[str, Scheme]:
    return {name: scheme(name) for name in scheme_paths()}


@pytest.fixture(scope="session")
def reference() -> Path:
    """Give the folder of reference facts; tests that need it are skipped where it is absent."""
    path = Path(os.environ.get("VESALIUS_REFERENCE", "../shared/reference"))
    if not (path / "labels").is_dir():
        pytest.skip(f"no reference facts in {path} (VESALIUS_REFERENCE)")
    return path


@pytest.fixture(scope="session")
def table(reference: Path) -> Callable[[str], dict[int, str]]:
    """Read one reference table as integer to class name, without the background."""

    def read(name: str) -> dict[int, str]:
        text = (reference / "labels" / f"{name}.yaml").read_text()
        data: dict[str, Any] = yaml.safe_load(text)
        return {key: str(value) for key, value in data["labels"].items() if key != 0}

    return read


@pytest.fixture(scope="session")
def dap_rows(reference: Path) -> list[dict[str, str]]:
    """Read labels.csv: the DAP integers with their anatomical names, as released."""
    with (reference / "anatomy" / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))
