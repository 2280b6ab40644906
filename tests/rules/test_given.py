"""What no source names is not missing: `present` and `both_there` where it can never be there."""

from __future__ import annotations

import pytest

from vesalius.engine.kinds import BothThere, Present
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

HEAD = """\
schema: rules/1
pack: given
about: What can be there.
phases: [first, place]
rules:
"""
DERIVED = """\
  - id: first/skull
    summary: Bone in the head is skull.
    derive: {hu: [350, 3000], to: skull, over: [unlabelled]}
"""
LABELS = {"kidney_left": 1, "kidney_right": 2, "spinal_cord": 3, "skull": 4, "vertebrae_L1": 5}
KIDNEYS = "  - id: place/both\n    summary: One is missing.\n    for: [kidney_left, kidney_right]\n"


def lowered(rule, sourced):
    ontology = load_ontology()
    anchors = load_anchors(ontology)
    pack, problems = parse_pack(parse_document(HEAD + rule, "p.yaml"), ontology, anchors)
    assert not [problem for problem in problems if problem.severity == "error"]
    return compile_rules(pack, ontology, anchors, LABELS, sourced=sourced)


def expected(found):
    return [step.expect for step in found.steps if step.expect is not None]


@pytest.mark.parametrize(
    ("expect", "sourced", "steps"),
    [
        ("present", None, [Present((1, 2), all_of=True)]),
        ("present", {"kidney_left", "kidney_right"}, [Present((1, 2), all_of=True)]),
        ("present", {"kidney_left", "spinal_cord"}, [Present((1,), all_of=True)]),
        ("present", {"spinal_cord"}, []),
        ("{both_there: midline}", {"kidney_left", "kidney_right"}, [BothThere(((1, 2),), 0, 0)]),
        ("{both_there: midline}", {"kidney_left"}, []),
    ],
)
def test_only_what_a_source_names_can_be_missing(expect, sourced, steps):
    assert expected(lowered(f"{KIDNEYS}    expect: {expect}\n", sourced)) == steps


def test_that_no_source_names_it_is_said():
    found = lowered(f"{KIDNEYS}    expect: present\n", {"spinal_cord"})
    (idle,) = found.idle
    assert idle.reason == "no source yields kidney_left, kidney_right"
    assert idle.lacks[0].absent == ("kidney_left", "kidney_right")
    assert [problem.code for problem in found.diagnostics] == ["RUL022"]


def test_what_a_rule_derives_can_be_missing():
    rule = "  - id: place/skull\n    summary: No skull.\n    for: skull\n    expect: present\n"
    assert expected(lowered(rule, {"spinal_cord"})) == []
    assert expected(lowered(DERIVED + rule, {"spinal_cord"})) == [Present((4,), all_of=True)]
