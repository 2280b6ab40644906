"""The packaged ontology, and the reference tables it was written from."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return load_folder(ROOT / "ontology")


@pytest.fixture(scope="session")
def anatomy() -> Path:
    """Folder with labels.csv and concepts.csv; VESALIUS_REFERENCE says where it is."""
    reference = Path(os.environ.get("VESALIUS_REFERENCE", "../shared/reference"))
    folder = (ROOT / reference / "anatomy").resolve()
    if not folder.is_dir():
        pytest.skip(f"no reference tables at {folder}")
    return folder


@pytest.fixture(scope="session")
def labels(anatomy: Path) -> list[dict[str, str]]:
    return _rows(anatomy / "labels.csv")


@pytest.fixture(scope="session")
def concepts(anatomy: Path) -> list[dict[str, str]]:
    return _rows(anatomy / "concepts.csv")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
