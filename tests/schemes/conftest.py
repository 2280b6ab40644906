"""A small ontology, so that these tests do not move with the packaged one."""

from pathlib import Path

import pytest

from vesalius.ontology.load import load_folder, load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.scheme.read import parse_scheme

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def small():
    return load_folder(HERE / "ontology")


@pytest.fixture(scope="session")
def packaged():
    return load_ontology()


@pytest.fixture(scope="session")
def parse(small):
    """Parse the text of a scheme called demo; lines below the head are given."""

    def parse(body, ontology=small):
        text = f"schema: scheme/1\nscheme: demo\ntitle: Demo\n{body}"
        return parse_scheme(parse_document(text, "demo.yaml"), ontology)

    return parse


@pytest.fixture(scope="session")
def codes(parse):
    """Give (code, line below the head) of every diagnostic of a body, in order."""

    def codes(body, **more):
        _, found = parse(body, **more)
        return [(d.code, d.span.line - 3) for d in found]

    return codes
