from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.identify.evidence import Supposed
from vesalius.adapters.identify.ontology_looks import OntologyLooks
from vesalius.adapters.identify.seen import Seen
from vesalius.adapters.keeping.known import known_schemes
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.scheme.read import parse_scheme


@pytest.fixture(scope="session")
def ontology():
    return load_ontology()


@pytest.fixture(scope="session")
def schemes():
    found = known_schemes()
    assert found.problems == ()
    return found.schemes


@pytest.fixture(scope="session")
def scheme(ontology):
    """Make a scheme of lines of labels."""

    def make(name, labels):
        text = f"schema: scheme/1\nscheme: {name}\ntitle: Test\nlabels:\n"
        text += "".join(f"  {integer}: {target}\n" for integer, target in labels.items())
        made, problems = parse_scheme(parse_document(text, f"{name}.yaml"), ontology)
        assert made is not None, problems
        return made

    return make


@pytest.fixture(scope="session")
def seen():
    """Make what was seen of rows (volume in ml, centre in mm, size in mm, cut by the edge)."""

    def make(*rows, names=None):
        volumes, centres, sizes, cut = zip(*rows, strict=True)
        return Seen(
            path="drawn",
            integer=tuple(range(1, len(rows) + 1)),
            voxels=np.array(volumes, np.int64),
            volume_ml=np.array(volumes, float),
            centre_mm=np.array(centres, float),
            size_mm=np.array(sizes, float),
            cut=np.array(cut),
            names=names or {},
        )

    return make


@pytest.fixture(scope="session")
def supposed(seen, ontology):
    """Suppose that rows, as `seen` takes them, are structures."""

    def make(structures, *rows):
        meant = tuple((name,) if isinstance(name, str) else name for name in structures)
        return Supposed(seen(*rows), meant, OntologyLooks(ontology))

    return make
