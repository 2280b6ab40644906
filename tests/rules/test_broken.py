"""Whatever is written, a pack gives diagnostics, never a traceback."""

from __future__ import annotations

import copy

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.reading.render import render_human
from vesalius.rules.library import parse_pack

RULES = [
    {"for": "gonads", "where": {"above": "head_base", "not": {"left_of": "liver"}},
     "expect": "absent", "repair": {"move_to": {"left": "eyeball_left", "right": "eyeball_right"}}},
    {"for": {"components": "one"}, "expect": {"components": {"at_most": 1}},
     "repair": {"keep": "largest", "rest": {"touching": {"never": "liver"}}}},
    {"for": "liver", "per": "voxel", "when": {"case": {"sex": ["male"]}, "any": [{"image": True}]},
     "expect": {"within": "head", "share": 0.5}, "after": ["areas/0"]},
    {"expect": {"ordered": ["vertebrae_C1", "vertebrae_C2"], "direction": "inferior",
                "step_mm": {"at_least": 1}}},
    {"expect": {"counted": {"left": "ribs_left", "right": "ribs_right", "anchor": "midline"}},
     "repair": "renumber"},
    {"for": "liver", "expect": {"volume_ml": "declared"}},
    {"for": "liver", "expect": {"volume_ratio": {"to": "spleen", "at_least": 1}}},
    {"derive": {"hu": [1, 2], "to": "skull", "over": ["unlabelled", "liver"],
                "where": {"inside": "belly"}}},
    {"for": "liver", "expect": {"components": {"at_most": 1}},
     "repair": {"give_fragments_to_neighbour": {"sequence": "vertebrae", "rest": {
         "where": [{"above": "liver", "to": "spleen"}], "otherwise": "background"}}}},
    {"for": "liver", "expect": {"agrees": {"anchor": "midline", "direction": "left",
                                           "expected": 2}},
     "tests": [{"name": "a", "key": {"l": "liver", 6: "spleen"}, "hu": {"l": 5}, "before": "l 6",
                "outcome": "holds"}]},
]  # fmt: skip

JUNK = st.sampled_from(
    [None, True, 0, -1, 2.5, "", "liver", "absent", "declared", "ribs", "head", [], ["x"], {},
     {"x": 1}, [[1]], {"at_most": "1"}, {"left": 3}, [None], {6: 7}, "a b: c"]
)  # fmt: skip


def pack():
    rules = [{"id": f"areas/{n}", "summary": "x", **rule} for n, rule in enumerate(RULES)]
    head = {"schema": "rules/1", "pack": "p", "about": "x", "phases": ["areas"]}
    return copy.deepcopy({**head, "rules": rules})


def places(value, at=()):
    """Every place of plain data."""
    yield at
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from places(value[key], (*at, key))


def put(data, at, what):
    for step in at[:-1]:
        data = data[step]
    data[at[-1]] = what


def test_the_pack_itself_is_valid(ontology, anchors):
    document = parse_document(yaml.safe_dump(pack(), sort_keys=False), "p.yaml")
    found, problems = parse_pack(document, ontology, anchors)
    assert found is not None, render_human(problems)


PLACES = [at for at in places(pack()) if at]


@settings(deadline=None, max_examples=150)
@given(at=st.sampled_from(PLACES), junk=JUNK, rename=st.booleans())
def test_one_broken_place(ontology, anchors, at, junk, rename):
    data = pack()
    if rename and isinstance(at[-1], str):
        parent = data
        for step in at[:-1]:
            parent = parent[step]
        parent[at[-1] + "x"] = parent.pop(at[-1])
    else:
        put(data, at, junk)
    document = parse_document(yaml.safe_dump(data, sort_keys=False), "p.yaml")
    found, problems = parse_pack(document, ontology, anchors)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert (found is None) == bool(errors)
    for problem in problems:
        assert problem.span is not None
        assert problem.span.path == "p.yaml"
    assert len(problems) == len(set(problems))
    if at[0] == "rules" and len(at) > 2 and not isinstance(junk, dict | list):
        # One problem, one message; a scalar that fits its key may mismatch two others.
        assert len(errors) <= 2


@pytest.mark.parametrize("text", ["", "3", "[]", "schema: rules/1", "schema: rules/1\nrules: 3\n"])
def test_no_pack_at_all(text, ontology, anchors):
    found, problems = parse_pack(parse_document(text, "p.yaml"), ontology, anchors)
    assert found is None
    assert problems
