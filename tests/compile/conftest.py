from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.diagnostics import display_path
from vesalius.ontology.reading.render import render_human
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.rules.compile.compiler import Compiled, compile_plan
from vesalius.rules.places import load_anchors, packaged_anchor_path

GOLDEN = Path(__file__).parent / "golden"
# Shipped files are shown by where they are installed, which differs from machine to machine.
INSTALLED = display_path(packaged_anchor_path().parent)


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return load_ontology()


@pytest.fixture
def scheme(tmp_path, ontology) -> Callable[..., Scheme]:
    """Write a scheme with these labels and load it."""

    def write(name: str, labels: str, more: str = "") -> Scheme:
        path = tmp_path / f"{name}.yaml"
        body = "".join(f"  {line.strip()}\n" for line in labels.strip().splitlines())
        path.write_text(
            f"schema: scheme/1\nscheme: {name}\ntitle: {name}\nabout: a test\n"
            f"evidence: test\n{more}labels:\n{body}"
        )
        return load_scheme(path, ontology)

    return write


@pytest.fixture
def compiled(ontology) -> Callable[..., Compiled]:
    def run(target: Scheme, *sources: Scheme) -> Compiled:
        return compile_plan(ontology, target, {s.name: s for s in sources}, load_anchors(ontology))

    return run


@pytest.fixture
def golden(tmp_path) -> Callable[[str, object], None]:
    """Compare rendered diagnostics with the golden text of a code."""

    def compare(name: str, diagnostics: object) -> None:
        text = render_human(diagnostics, color=False).replace(str(tmp_path) + "/", "")
        text = text.replace(f"--> {INSTALLED}/", "--> rules/")
        path = GOLDEN / f"{name}.txt"
        if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
            path.write_text(text)
        assert text == path.read_text()

    return compare
