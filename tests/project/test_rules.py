"""Anchors and rule packs of a project, and packs that are joined."""

from __future__ import annotations

import pytest

from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.rules.library import load_pack, load_packs
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.places import load_anchors, packaged_anchor_path, read_anchors

RULE = """\
schema: rules/1
pack: %s
about: One rule.
phases: [%s]
rules:
  - {id: %s, summary: No liver., for: liver, expect: absent}
"""
FOLDER = {
    "r/mine/pack.yaml": "schema: rules/1\npack: mine\nabout: Two.\nphases: [x]\ntopics: [one]\n",
    "r/mine/one.yaml": "schema: rule-topic/1\nrules:\n"
    "  - {id: x/a, summary: No liver., for: liver, expect: absent}\n",
    "r/mine/one.tests.yaml": "schema: rule-tests/1\ntests:\n"
    "  x/a: [{name: one, key: {l: liver}, before: l, outcome: violated}]\n",
}
ANCHOR = """\
schema: anchors/1
anchors:
  %s: {about: Our place., kind: level, through: liver, at: top%s}
"""


@pytest.fixture
def loaded(project):
    """Give the ontology and the anchors with a project that has these files."""

    def loaded(head, **texts):
        ontology = load_ontology(project(head, **texts))
        return ontology, load_anchors(ontology)

    return loaded


def codes(caught):
    return [(d.code, d.span.path, d.span.line) for d in caught.value.diagnostics]


def test_an_anchor_is_added(loaded):
    ontology, anchors = loaded("anchors: a.yaml\n", **{"a.yaml": ANCHOR % ("liver_dome", "")})
    shipped = load_anchors(load_ontology())
    assert list(anchors) == [*shipped, "liver_dome"]
    assert anchors["liver_dome"].structures == ("liver",)
    assert anchors["midline"] == shipped["midline"]
    assert read_anchors(ontology)[1] == []


def test_an_anchor_is_replaced_where_it_says_so(project):
    made = project("anchors: a.yaml\n", **{"a.yaml": ANCHOR % ("neck_bones_top", "")})
    with pytest.raises(DiagnosticError) as caught:
        load_anchors(load_ontology(made))
    assert codes(caught) == [("PRJ003", "a.yaml", 3)]
    assert caught.value.diagnostics[0].notes[0].span.path == str(packaged_anchor_path())
    made = project(
        "anchors: a.yaml\n", **{"a.yaml": ANCHOR % ("neck_bones_top", ", replace: true")}
    )
    anchors, found = read_anchors(load_ontology(made))
    assert [(d.code, d.severity) for d in found] == [("PRJ004", "info")]
    assert anchors["neck_bones_top"].structures == ("liver",)
    assert list(anchors) == list(load_anchors(load_ontology()))
    made = project("anchors: a.yaml\n", **{"a.yaml": ANCHOR % ("liver_dome", ", replace: true")})
    with pytest.raises(DiagnosticError) as caught:
        load_anchors(load_ontology(made))
    assert codes(caught) == [("PRJ005", "a.yaml", 3)]


def test_a_rule_speaks_of_the_projects_anchor(loaded):
    text = RULE.replace("absent}", "absent, where: {below: liver_dome}}") % ("own", "x", "x/a")
    ontology, anchors = loaded(
        "anchors: a.yaml\nrules: own.yaml\n",
        **{"a.yaml": ANCHOR % ("liver_dome", "")},
        **{"own.yaml": text.replace("for: liver", "for: spleen")},
    )
    assert load_pack("own", ontology, anchors).order == ("x/a",)


def test_a_pack_is_added(loaded):
    ontology, anchors = loaded("rules: r\n", **{"r/own.yaml": RULE % ("own", "x", "x/a")})
    assert {*pack_paths(ontology.project)} == {*pack_paths(), "own"}
    assert load_pack("own", ontology, anchors).order == ("x/a",)
    assert load_pack("recommended", ontology, anchors).warnings == ()
    with pytest.raises(DiagnosticError) as caught:
        load_pack("owm", ontology, anchors)
    assert caught.value.diagnostics[0].help == "did you mean `own`?"


@pytest.mark.parametrize("rules", ["r", "r/mine", "[r/mine, r/own.yaml]"])
def test_a_pack_in_a_folder_is_added(loaded, rules):
    own = {
        "r/own.yaml": RULE % ("own", "x", "x/b"),
        "r/own.tests.yaml": "schema: rule-tests/1\ntests: {}\n",
    }
    ontology, anchors = loaded(f"rules: {rules}\n", **FOLDER, **own)
    names = {"mine"} if rules == "r/mine" else {"mine", "own"}
    assert {*pack_paths(ontology.project)} == {*pack_paths(), *names}
    pack = load_pack("mine", ontology, anchors)
    assert (pack.order, pack.path) == (("x/a",), "r/mine/pack.yaml")
    assert [test.name for test in pack.rules[0].tests] == ["one"]
    held = {path.name for path in ontology.project.files}
    assert {"pack.yaml", "one.yaml", "one.tests.yaml"} <= held
    assert ("own.tests.yaml" in held) == ("own" in names)


@pytest.mark.parametrize("part", [*FOLDER])
def test_a_project_is_another_where_a_part_of_a_pack_is(project, part):
    before = project("rules: r\n", **FOLDER)
    after = project("rules: r\n", **FOLDER | {part: FOLDER[part] + "# More.\n"})
    assert before.digest != after.digest


def test_a_folder_and_a_file_of_one_name(project):
    with pytest.raises(DiagnosticError) as caught:
        project("rules: r\n", **FOLDER, **{"r/mine.yaml": RULE % ("mine", "x", "x/b")})
    assert [d.code for d in caught.value.diagnostics] == ["PRJ006"]


def test_a_pack_in_a_folder_stands_instead_of_a_shipped_one(loaded):
    other = {name.replace("mine", "recommended"): text for name, text in FOLDER.items()}
    with pytest.raises(DiagnosticError) as caught:
        load_pack("recommended", *loaded("rules: r\n", **other))
    assert codes(caught) == [("PRJ003", "r/recommended/pack.yaml", 2)]
    other["r/recommended/pack.yaml"] += "replace: true\n"
    pack = load_pack("recommended", *loaded("rules: r\n", **other))
    assert [(d.code, d.severity) for d in pack.warnings] == [("PRJ004", "info")]


def test_a_pack_is_replaced_where_it_says_so(loaded):
    text = RULE % ("recommended", "x", "x/a")
    ontology, anchors = loaded("rules: r\n", **{"r/recommended.yaml": text})
    with pytest.raises(DiagnosticError) as caught:
        load_pack("recommended", ontology, anchors)
    assert codes(caught) == [("PRJ003", "r/recommended.yaml", 2)]
    ontology, anchors = loaded("rules: r\n", **{"r/recommended.yaml": text + "replace: true\n"})
    pack = load_pack("recommended", ontology, anchors)
    assert pack.order == ("x/a",)
    assert [(d.code, d.severity) for d in pack.warnings] == [("PRJ004", "info")]


def test_packs_are_joined_in_order(loaded):
    ontology, anchors = loaded(
        "rules: r\n",
        **{"r/b.yaml": RULE % ("b", "x", "x/b"), "r/a.yaml": RULE % ("a", "y", "y/a")},
    )
    recommended = load_pack("recommended", ontology, anchors)
    pack = load_packs(["b", "recommended", "a"], ontology, anchors)
    assert pack.order == ("x/b", *recommended.order, "y/a")
    assert pack.name == "b + recommended + a"
    assert pack.phases == ("x", *recommended.phases, "y")
    assert [rule.id for rule in pack.rules] == ["x/b", *(r.id for r in recommended.rules), "y/a"]
    # What a rule says is looked up in its own file.
    for rule_id, file in (("x/b", "r/b.yaml"), ("y/a", "r/a.yaml")):
        assert pack.rule(rule_id).document.path == file
    assert load_packs(["b"], ontology, anchors).name == "b"


def test_an_id_in_two_packs(loaded):
    ontology, anchors = loaded(
        "rules: r\n",
        **{"r/b.yaml": RULE % ("b", "x", "x/a"), "r/a.yaml": RULE % ("a", "x", "x/a")},
    )
    with pytest.raises(DiagnosticError) as caught:
        load_packs(["b", "a"], ontology, anchors)
    assert codes(caught) == [("RUL002", "r/a.yaml", 6)]
    assert caught.value.diagnostics[0].notes[0].span.path == "r/b.yaml"


def test_the_problems_of_all_packs_at_once(loaded):
    ontology, anchors = loaded("rules: r\n", **{"r/b.yaml": RULE % ("b", "x", "z/a")})
    with pytest.raises(DiagnosticError) as caught:
        load_packs(["b", "absent"], ontology, anchors)
    assert [d.code for d in caught.value.diagnostics] == ["RUL003", "RUL001"]
