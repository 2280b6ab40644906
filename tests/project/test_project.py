"""Reading a project, and what it adds to the structures and schemes that are shipped."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from vesalius.adapters.schemas import json_schema
from vesalius.ontology.load import load_ontology, load_scheme, read_scheme, scheme_paths
from vesalius.ontology.project import read_project
from vesalius.ontology.project_place import find_project
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.selector import select

STENT = """\
schema: structures/1
structures:
  stent: {title: Stent, part_of: aorta, level: part, region: thorax, hu: [1000, 3000]}
"""
LAB = """\
schema: scheme/1
scheme: lab
title: The lab's own
labels: {1: aorta, 2: stent}
"""


def codes(caught):
    return [(d.code, d.span.line if d.span else None) for d in caught.value.diagnostics]


def test_what_a_project_has_adds_to_what_is_shipped(project):
    made = project("structures: s\nschemes: [l]\n", **{"s/a.yaml": STENT, "l/lab.yaml": LAB})
    shipped, ontology = load_ontology(), load_ontology(made)
    assert list(ontology.structures) == [*shipped.structures, "stent"]
    assert ontology.warnings == ()
    assert ontology.ancestors("stent")[0] == "aorta"
    assert ontology.get("stent", "system") == shipped.get("aorta", "system")
    assert "stent" in select("part_of:aorta", ontology)
    assert ontology.resolve("Stents") == ("stent",)
    assert {*scheme_paths(made)} == {*scheme_paths(), "lab"}
    assert load_scheme("lab", ontology).structures() == ("aorta", "stent")
    assert load_scheme("amos22", ontology) == load_scheme("amos22", shipped)


def test_the_shipped_ontology_stays_as_it_is(project):
    made = project("structures: s\n", **{"s/a.yaml": STENT})
    assert "stent" in load_ontology(made).structures
    assert "stent" not in load_ontology().structures
    with pytest.raises(DiagnosticError) as caught:
        load_scheme("lab", load_ontology())
    assert codes(caught) == [("SCH001", None)]


def test_an_ontology_is_loaded_once_per_content(project, tmp_path):
    made = project("structures: s\n", **{"s/a.yaml": STENT})
    same = read_project(tmp_path)
    assert same == made
    assert same.digest == made.digest
    assert load_ontology(same) is load_ontology(made)
    (tmp_path / "s" / "a.yaml").write_text(STENT.replace("Stent", "Graft"))
    other = read_project(tmp_path)
    assert other.digest != made.digest
    assert load_ontology(other).structures["stent"].title == "Graft"
    assert load_ontology(made).structures["stent"].title == "Stent"


@pytest.mark.parametrize(
    "name", ["vesalius.yaml", "a/one.yaml", "s/a.yaml", "l/lab.yaml", "p/x.yaml"]
)
def test_the_digest_is_of_every_file(project, tmp_path, name):
    head = "anchors: a\nstructures: s\nschemes: l\nrules: p\n"
    texts = {"a/one.yaml": "a: 1\n", "s/a.yaml": STENT, "l/lab.yaml": LAB, "p/x.yaml": "p: 1\n"}
    before = project(head, **texts)
    file = tmp_path / name
    file.write_text(file.read_text() + "# a remark\n")
    assert read_project(tmp_path).digest != before.digest


def test_a_file_on_the_side_changes_no_digest(project, tmp_path):
    before = project("structures: s\n", **{"s/a.yaml": STENT})
    (tmp_path / "s" / "notes.txt").write_text("nothing")
    (tmp_path / "other.yaml").write_text("nothing: 1")
    assert read_project(tmp_path).digest == before.digest


def test_files_and_folders(project, tmp_path):
    made = project(
        "structures: [one/a.yaml, two]\n",
        **{
            "one/a.yaml": STENT,
            "one/b.yaml": "x",
            "two/d.yml": "x",
            "two/c.yaml": "x",
            "two/e.txt": "",
        },
    )
    names = ["one/a.yaml", "two/c.yaml", "two/d.yml"]
    assert made.structures == tuple(tmp_path / name for name in names)
    assert made.files == (tmp_path / "vesalius.yaml", *made.structures)
    assert made.holds("one/a.yaml")
    assert not made.holds("one/b.yaml")


def test_defaults(project, tmp_path):
    made = project("defaults: {target: lab, pack: [recommended, p/own.yaml], fail_on: warning}\n")
    assert made.defaults.target == "lab"
    assert made.defaults.packs == ("recommended", str(tmp_path / "p" / "own.yaml"))
    assert made.defaults.fail_on == "warning"
    assert project("defaults: {pack: mine}\n").defaults.packs == ("mine",)
    nothing = project().defaults
    assert (nothing.target, nothing.packs, nothing.fail_on) == (None, None, None)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("structures: absent\n", [("PRJ001", 2)]),
        ("structurs: here\n", [("YML010", 2)]),
        ("structures: 3\n", [("YML012", 2)]),
        ("defaults: {targt: x}\n", [("YML010", 2)]),
        ("defaults: {fail_on: always}\n", [("YML012", 2)]),
        ("schemes: absent\nrules: [gone]\n", [("PRJ001", 2), ("PRJ001", 3)]),
    ],
)
def test_what_is_wrong_is_pointed_at(project, head, expected):
    with pytest.raises(DiagnosticError) as caught:
        project(head)
    assert codes(caught) == expected


def test_another_kind_of_file(write):
    write(**{"vesalius.yaml": STENT})
    with pytest.raises(DiagnosticError) as caught:
        read_project("vesalius.yaml")
    assert codes(caught) == [("YML013", 1)]


def test_a_structure_that_is_shipped(project):
    text = (
        "schema: structures/1\nstructures:\n  aorta: {title: A, part_of: body, level: vessel%s}\n"
    )
    with pytest.raises(DiagnosticError) as caught:
        load_ontology(project("structures: a.yaml\n", **{"a.yaml": text % ""}))
    (problem,) = [d for d in caught.value.diagnostics if d.code == "PRJ003"]
    assert (problem.span.path, problem.span.line) == ("a.yaml", 3)
    # A path is written from where one stood when the file was read.
    noted, shipped = problem.notes[0].span, load_ontology().structures["aorta"].span
    assert replace(noted, path="") == replace(shipped, path="")
    assert noted is not None
    assert Path(noted.path).name == Path(shipped.path).name
    ontology = load_ontology(
        project("structures: a.yaml\n", **{"a.yaml": text % ", side: unpaired, replace: true"})
    )
    assert [(d.code, d.severity) for d in ontology.warnings] == [("PRJ004", "info")]
    assert ontology.structures["aorta"].title == "A"
    assert ontology.parents("aorta") == ("body",)
    # It stands where the shipped one stood.
    assert list(ontology.structures) == list(load_ontology().structures)


def test_two_of_one_name_in_a_project(project):
    size = "schema: attributes/1\nattributes: {size: {type: int}}\n"
    with pytest.raises(DiagnosticError) as caught:
        load_ontology(project("attributes: a\n", **{"a/c.yaml": size, "a/d.yaml": size}))
    assert [(d.code, d.span.path) for d in caught.value.diagnostics] == [("ONT002", "a/d.yaml")]
    with pytest.raises(DiagnosticError) as caught:
        load_ontology(project("structures: s\n", **{"s/a.yaml": STENT, "s/b.yaml": STENT}))
    assert [(d.code, d.span.path) for d in caught.value.diagnostics] == [("ONT002", "s/b.yaml")]


def test_an_attribute_of_ones_own(project):
    ontology = load_ontology(
        project(
            "structures: a.yaml\nattributes: b.yaml\n",
            **{
                "a.yaml": STENT.replace("level: part", "level: part, maker: acme"),
                "b.yaml": "schema: attributes/1\nattributes:\n"
                "  maker: {type: choice, values: [acme, other], inherited_along: [part_of]}\n",
            },
        )
    )
    assert select("maker:acme", ontology) == ("stent",)


def test_a_scheme_that_is_shipped(project):
    text = "schema: scheme/1\nscheme: amos22\ntitle: Ours\nlabels: {1: aorta}\n"
    made = project("schemes: amos22.yaml\n", **{"amos22.yaml": text})
    scheme, found = read_scheme("amos22", load_ontology(made))
    assert scheme is None
    (problem,) = [d for d in found if d.code == "PRJ003"]
    assert (problem.span.line, problem.notes[0].span.path) == (2, str(scheme_paths()["amos22"]))
    made = project("schemes: amos22.yaml\n", **{"amos22.yaml": text + "replace: true\n"})
    scheme, found = read_scheme("amos22", load_ontology(made))
    assert scheme.structures() == ("aorta",)
    assert [d.code for d in found] == ["PRJ004"]


def test_a_new_scheme_replaces_nothing(project):
    text = LAB.replace("2: stent", "2: liver") + "replace: true\n"
    made = project("schemes: lab.yaml\n", **{"lab.yaml": text})
    _, found = read_scheme("lab", load_ontology(made))
    assert [(d.code, d.span.line) for d in found] == [("PRJ005", 5)]


def test_found_upwards(write, tmp_path):
    write(**{"vesalius.yaml": "schema: project/1\n", "a/b/c.txt": ""})
    assert find_project(tmp_path / "a" / "b") == tmp_path / "vesalius.yaml"
    assert find_project(tmp_path) == tmp_path / "vesalius.yaml"
    assert find_project(tmp_path.parent) is None
    assert read_project(tmp_path) == read_project(tmp_path / "vesalius.yaml")


def test_goes_to_other_processes(project):
    ontology = load_ontology(project("structures: s\n", **{"s/a.yaml": STENT}))
    again = pickle.loads(pickle.dumps(ontology))
    assert again.project == ontology.project
    assert again.structures == ontology.structures


@pytest.mark.parametrize(
    ("data", "fine"),
    [
        ({"schema": "project/1"}, True),
        ({"schema": "project/1", "structures": "s", "rules": ["a", "b"]}, True),
        ({"schema": "project/1", "defaults": {"target": "x", "fail_on": "info"}}, True),
        ({"schema": "project/2"}, False),
        ({"schema": "project/1", "structure": "s"}, False),
        ({"schema": "project/1", "defaults": {"fail_on": "always"}}, False),
    ],
)
def test_json_schema(data, fine):
    schema = json_schema("project")
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(data) == fine


@pytest.mark.parametrize("leads_to", ["nowhere", "vesalius.yaml", "/dev/zero"])
def test_a_project_file_that_is_no_file_is_refused_and_not_passed_over(tmp_path, leads_to):
    """Else what it would add is silently not there."""
    (tmp_path / "vesalius.yaml").symlink_to(leads_to)
    (tmp_path / "below").mkdir()
    found = find_project(tmp_path / "below")
    assert found == tmp_path / "vesalius.yaml"
    with pytest.raises(DiagnosticError):
        read_project(found)
