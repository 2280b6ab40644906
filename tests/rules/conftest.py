"""Packs in text, loaded against the shipped ontology and a few anchors of our own."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import load_document, parse_document
from vesalius.ontology.reading.render import render_human
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.library import parse_pack
from vesalius.rules.places import AnchorSpec, load_anchors

GOLDEN = Path(__file__).parent / "golden"

HEAD = "schema: rules/1\npack: p\nabout: A test.\nphases: [areas, sides, pieces]\nrules:\n"

ANCHORS = """\
schema: anchors/1
anchors:
  midline:
    about: The middle.
    kind: plane
    through: [vertebrae_C1, vertebrae_T1, vertebrae_L1]
    at_least: 2
    toward: left
    within: anterior
    implausible: {tilt_deg: 25, residual_mm: 20}
  head_base:
    about: Where the head ends.
    kind: level
    through: [vertebrae_C6, vertebrae_C7]
  belly:
    about: Around both kidneys.
    kind: box
    around: [kidney_left, kidney_right]
    margin_mm: {superior: 40, left: 10}
    at_least: 1
  head: {about: Above the head base., kind: region, where: {above: head_base}}
  right_of_head:
    about: A part of the head.
    kind: region
    where: {inside: head, right_of: midline}
"""


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="session")
def anchors(ontology, tmp_path_factory) -> Mapping[str, AnchorSpec]:
    path = tmp_path_factory.mktemp("anchors") / "anchors.yaml"
    path.write_text(ANCHORS)
    return load_anchors(ontology, path)


@pytest.fixture
def read_anchors(ontology, tmp_path, monkeypatch):
    """Load anchors from the lines below `anchors:`."""
    monkeypatch.chdir(tmp_path)

    def read(lines: str) -> Mapping[str, AnchorSpec]:
        path = tmp_path / "anchors.yaml"
        path.write_text(
            "schema: anchors/1\nanchors:\n" + textwrap.indent(textwrap.dedent(lines), "  ")
        )
        return load_anchors(ontology, path)

    return read


@pytest.fixture(scope="session")
def read(ontology, anchors) -> Callable[..., tuple]:
    """Parse a pack from its rules; give the pack (or None) and the problems."""

    def read(rules: str, head: str = HEAD) -> tuple:
        text = head + textwrap.indent(textwrap.dedent(rules).strip("\n"), "  ") + "\n"
        return parse_pack(parse_document(text, "p.yaml"), ontology, anchors)

    return read


@pytest.fixture
def read_file(ontology, anchors, tmp_path, monkeypatch) -> Callable[..., tuple]:
    """As `read`, from a file, so that messages show the line."""
    monkeypatch.chdir(tmp_path)

    def read(rules: str, head: str = HEAD) -> tuple:
        path = tmp_path / "p.yaml"
        path.write_text(head + textwrap.indent(textwrap.dedent(rules).strip("\n"), "  ") + "\n")
        return parse_pack(load_document(path), ontology, anchors)

    return read


@pytest.fixture(scope="session")
def lower(read, ontology, anchors):
    """Lower the rules of a text for a working space with these structures, numbered from 1."""

    def lower(rules: str, *structures: str):
        pack, problems = read(rules)
        assert pack is not None, render_human(problems)
        labels = {name: label for label, name in enumerate(structures, start=1)}
        return compile_rules(pack, ontology, anchors, labels)

    return lower


@pytest.fixture
def golden():
    """Compare rendered diagnostics with a golden text."""

    def compare(name: str, diagnostics: object) -> None:
        text = render_human(diagnostics, color=False)
        path = GOLDEN / f"{name}.txt"
        if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
            path.write_text(text)
        assert text == path.read_text()

    return compare
