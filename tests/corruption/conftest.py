"""Packs and phantoms that several tests look at, and the package that plants mistakes."""

from __future__ import annotations

import importlib.util
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from vesalius.ontology.load import load_ontology, load_scheme

PLANTING = Path(__file__).parent / "planting"


def _load_planting() -> None:
    """Make `planting` importable; test modules cannot import each other."""
    spec = importlib.util.spec_from_file_location(
        "planting", PLANTING / "__init__.py", submodule_search_locations=[str(PLANTING)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["planting"] = package
    spec.loader.exec_module(package)


_load_planting()


@pytest.fixture(scope="session")
def ontology():
    return load_ontology()


@pytest.fixture(scope="session")
def scheme(ontology):
    return load_scheme("dap_atlas", ontology)


@pytest.fixture(scope="session")
def compiled(ontology, scheme):
    """Give the plan of a pack."""
    from planting.measure import compile_pack

    return lru_cache(lambda pack: compile_pack(pack, scheme, ontology))


@pytest.fixture(scope="session")
def patient(ontology, scheme):
    """Give a phantom in the integers of the scheme."""
    from planting.patient import make_patient

    @lru_cache(maxsize=4)
    def make(sex: str, seed: int, spacing_mm: float):
        return make_patient(scheme, ontology, spacing_mm, sex, seed)

    return make
