"""Which plans are the same, and that one byte of YAML makes another."""

from __future__ import annotations

import shutil

import pytest

import vesalius.compiling
from vesalius.adapters.keeping import program
from vesalius.adapters.keeping.cache_folder import VARIABLE, CacheFolder
from vesalius.ontology.project import read_project
from vesalius.session import Session

SCHEME = """\
schema: scheme/1
scheme: mine
title: Mine
labels: {1: liver, 2: spleen}
"""
PACK = """\
schema: rules/1
pack: my_rules
about: Mine.
phases: [pieces]
topics: [pieces]
"""
TOPIC = """\
schema: rule-topic/1
rules:
  - id: pieces/liver
    summary: The liver is one.
    for: liver
    expect: {components: {at_most: 1}}
"""


@pytest.fixture
def compiled(monkeypatch, tmp_path):
    """Count how often something is compiled, with a cache and a working directory of one's own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    times = []
    whole = vesalius.compiling.compile_whole

    def count(wanted):
        times.append(wanted)
        return whole(wanted)

    monkeypatch.setattr(vesalius.compiling, "compile_whole", count)
    return times


@pytest.fixture
def files(tmp_path):
    (tmp_path / "mine.yaml").write_text(SCHEME)
    pack = tmp_path / "my_rules"
    pack.mkdir()
    (pack / "pack.yaml").write_text(PACK)
    (pack / "pieces.yaml").write_text(TOPIC)
    return tmp_path


def session(**options):
    return Session("mine.yaml", "mine.yaml", rules=["my_rules"], **options)


def test_the_same_choice_is_compiled_once(compiled, files):
    first, second = session(), session()
    assert len(compiled) == 1
    assert second.prepared.plan == first.prepared.plan
    assert second.remarks == first.remarks
    assert second.rows == first.rows
    assert second.prepared.schemes == first.prepared.schemes
    assert [vars(r) for r in second.prepared.pack.rules] == [
        vars(r) for r in first.prepared.pack.rules
    ]


@pytest.mark.parametrize("name", ["mine.yaml", "my_rules/pack.yaml", "my_rules/pieces.yaml"])
def test_one_byte_of_a_file_makes_another_plan(compiled, files, name):
    session()
    path = files / name
    path.write_bytes(path.read_bytes() + b"\n")
    session()
    assert len(compiled) == 2
    session()
    assert len(compiled) == 2


def test_a_file_that_comes_into_a_pack_is_looked_at(compiled, files):
    session()
    (files / "my_rules" / "more.yaml").write_text(TOPIC)
    with pytest.raises(vesalius.DiagnosticError, match=r"more\.yaml lies in the pack"):
        session()


def test_a_file_that_goes_is_missed(compiled, files):
    session()
    (files / "mine.yaml").unlink()
    with pytest.raises(vesalius.DiagnosticError, match="does not exist"):
        session()


@pytest.mark.parametrize(
    "other",
    [
        {"select": "pieces/*"},
        {"sources": ["mine.yaml", "mine.yaml"]},
        {"target": "amos22"},
        {"rules": None},
        {"rules": ["my_rules", "dap_atlas"]},
    ],
)
def test_another_choice_is_another_plan(compiled, files, other):
    session()
    options = {"sources": "mine.yaml", "target": "mine.yaml", "rules": ["my_rules"], **other}
    Session(**options)
    assert len(compiled) == 2


@pytest.mark.parametrize(
    "other", [{"unsafe": True}, {"trace": True}, {"merge": "vote"}, {"places": ["b"]}]
)
def test_what_does_not_decide_the_plan_needs_no_other(compiled, files, other):
    session(places=["a"])
    session(**{"places": ["a"], **other})
    assert len(compiled) == 1


def test_the_order_of_places_decides_which_source_is_the_first(compiled, files):
    names = ["mine.yaml", "mine.yaml"]
    first = Session(names, "mine.yaml", rules=None, places=["a", "b"])
    assert Session(names, "mine.yaml", rules=None, places=["c", "d"]).tokens == first.tokens
    assert len(compiled) == 1
    assert Session(names, "mine.yaml", rules=None, places=["d", "c"]).tokens != first.tokens
    assert len(compiled) == 2


def test_the_version_of_the_program_is_part_of_the_key(compiled, files, monkeypatch):
    session()
    monkeypatch.setattr(program, "version", lambda: "9.9.9")
    program.program.cache_clear()
    try:
        session()
        assert len(compiled) == 2
    finally:
        program.program.cache_clear()


def test_so_are_the_bytes_of_what_is_shipped(tmp_path, monkeypatch):
    class Package:
        __path__ = (str(tmp_path),)

    monkeypatch.setattr(program, "_COMPILES", (Package,))
    file = tmp_path / "a.yaml"
    states = set()
    for text in ("a", "b", "a"):
        file.write_text(text)
        program.program.cache_clear()
        states.add(program.program())
    program.program.cache_clear()
    assert len(states) == 2


def test_a_project_is_part_of_the_key(compiled, root, tmp_path):
    shutil.copytree(root / "docs" / "examples" / "aortic_calcification", tmp_path / "own")

    def scheme():
        return Session("amos22", rules=None, project=read_project(tmp_path / "own"))

    scheme()
    scheme()
    assert len(compiled) == 1
    file = next((tmp_path / "own").rglob("*.yaml"))
    file.write_bytes(file.read_bytes() + b"\n")
    scheme()
    assert len(compiled) == 2
    Session("amos22", rules=None)
    assert len(compiled) == 3


def test_a_broken_choice_is_not_kept(compiled, files):
    (files / "mine.yaml").write_text(SCHEME.replace("spleen", "splen"))
    for _ in range(2):
        with pytest.raises(vesalius.DiagnosticError, match="splen"):
            session()
    assert len(compiled) == 2


@pytest.mark.parametrize("text", ["", "x", "{}\n{}", '{"files": {}, "folders": {}}\n{"top": 1}'])
def test_what_is_no_kept_plan_is_made_again(compiled, files, text, tmp_path):
    session()
    (entry,) = (tmp_path / "cache").glob("*.plan")
    CacheFolder(tmp_path / "cache").write(entry.stem, text)
    session()
    assert len(compiled) == 2


def test_without_a_cache_all_is_compiled(compiled, files, monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, "off")
    session()
    session()
    assert len(compiled) == 2
    assert not (tmp_path / "cache").exists()
