"""The ontology and schemes that are kept are those that are read, and no older ones."""

from __future__ import annotations

import pytest

import vesalius.ontology.load as reading
from vesalius.adapters.keeping import known
from vesalius.adapters.keeping.cache_folder import VARIABLE
from vesalius.ontology.attribute import EDGES
from vesalius.ontology.project import read_project
from vesalius.ontology.reading.diagnostics import DiagnosticError

SCHEME = """\
schema: scheme/1
scheme: mine
title: Mine
labels: {1: liver, 2: spleen}
"""
STRUCTURES = """\
schema: structures/1
structures:
  my_gland: {title: My gland, part_of: region_abdomen}
"""


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """Keep in a folder of one's own, and forget what this process knows."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    forget()
    yield tmp_path / "cache"
    forget()


def forget():
    known.known_ontology.cache_clear()
    known.known_schemes.cache_clear()


def twice(ask):
    """Ask for what is made and kept, and for what is found."""
    first = ask()
    forget()
    return first, ask()


def test_the_ontology_comes_back_whole(monkeypatch):
    made, found = twice(known.known_ontology)
    assert found is not made
    for name in ("structures", "attributes", "sequences", "warnings", "project"):
        assert getattr(found, name) == getattr(made, name) == getattr(reading.load_ontology(), name)
    assert list(found.structures) == list(made.structures)
    for name in found.structures:
        for edges in (EDGES, EDGES[:1], EDGES[1:]):
            for ask in ("parents", "children", "ancestors", "descendants"):
                assert getattr(found, ask)(name, edges) == getattr(made, ask)(name, edges)
        assert found.parts(name) == made.parts(name)
    # What is found was read from no YAML.
    monkeypatch.setattr(reading, "load_ontology", None)
    forget()
    assert known.known_ontology().structures == made.structures


def test_all_schemes_come_back_and_can_read_their_text_again(monkeypatch):
    made, found = twice(known.known_schemes)
    assert found.schemes == made.schemes
    assert found.problems == made.problems == ()
    ontology = reading.load_ontology()
    assert {s.name for s in found.schemes} == set(reading.scheme_paths())
    for scheme in found.schemes:
        read = reading.load_scheme(scheme.name, ontology)
        assert scheme == read
        assert scheme.written is None
        assert scheme.document.text == read.document.text
    monkeypatch.setattr(reading, "read_scheme", None)
    forget()
    assert known.known_schemes().schemes == made.schemes


def test_a_file_that_is_another_is_read_again(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SCHEME)
    first = known.known_scheme("mine.yaml")
    assert known.known_scheme("mine.yaml") == first
    assert first.document.text == SCHEME
    path.write_text(SCHEME.replace("2: spleen", "2: stomach"))
    assert known.known_scheme("mine.yaml").structures() == ("liver", "stomach")


def test_what_is_wrong_is_told_each_time(tmp_path):
    (tmp_path / "mine.yaml").write_text(SCHEME.replace("spleen", "splen"))
    for _ in range(2):
        with pytest.raises(DiagnosticError, match="splen"):
            known.known_scheme("mine.yaml")


def test_a_project_is_known_by_what_it_holds(tmp_path):
    (tmp_path / "vesalius.yaml").write_text(
        "schema: project/1\nstructures: more.yaml\nschemes: mine.yaml\n"
    )
    (tmp_path / "more.yaml").write_text(STRUCTURES)
    (tmp_path / "mine.yaml").write_text(SCHEME.replace("spleen", "my_gland"))
    project = read_project(tmp_path)
    made, found = twice(lambda: known.known_ontology(project))
    assert found.structures["my_gland"] == made.structures["my_gland"]
    assert found.project is project
    assert "my_gland" not in known.known_ontology().structures
    schemes = {scheme.name: scheme for scheme in known.known_schemes(project).schemes}
    assert schemes["mine"].structures() == ("liver", "my_gland")
    (tmp_path / "more.yaml").write_text(STRUCTURES.replace("My gland", "Mine alone"))
    forget()
    assert known.known_ontology(read_project(tmp_path)).structures["my_gland"].title == "Mine alone"


def test_without_a_folder_all_is_read(monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    forget()
    assert known.known_ontology().structures == reading.load_ontology().structures
    assert known.known_scheme("amos22") == reading.load_scheme("amos22", reading.load_ontology())
