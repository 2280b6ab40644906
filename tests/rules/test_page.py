"""The page of a rule, the JSON Schema, and the library."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest

from vesalius.ontology.document import parse_document
from vesalius.rules.rule_library import load_pack, pack_paths
from vesalius.rules.rule_page import rule_page
from vesalius.rules.rule_schema import rules_json_schema

HERE = Path(__file__).parent

PACK = """\
schema: rules/1
pack: eyes
about: A pack for a page.
phases: [areas, pieces]
rules:
  - id: areas/gonads-in-head-are-eyeballs
    summary: A model trained on the pelvis calls eyes gonads; in the head they are eyeballs.
    why: >-
      The model has never seen a head. What it finds there has the density and the size of what it
      knows.
    source: [R36]
    for: gonads
    when: {case: {sex: [male, unknown]}, image: true}
    where: {above: head_base}
    expect: absent
    repair: {move_to: {left: eyeball_left, right: eyeball_right}}
    exclude: true
    safety: unsafe
    on_missing: fail
    tests:
      - name: acts
        case: {sex: male}
        key: {g: gonads, l: eyeball_left, r: eyeball_right, 6: vertebrae_C6}
        before: |
          . g . g .
          . . 6 . .
        after: |
          . r . l .
          . . 6 . .
        outcome: changed
      - name: leaves the pelvis alone
        key: {g: gonads, 6: vertebrae_C6}
        before: |
          . 6 .
          . g .
        outcome: holds
  - id: pieces/largest
    summary: One piece each.
    for: {components: one, region: abdomen}
    expect: {components: {at_most: 1, ignore_below_ml: 0.5}}
    repair: {keep: largest, rest: {touching: {never: vertebrae}}}
    after: []
    tests: []
"""


@pytest.fixture
def pack(tmp_path, monkeypatch, ontology, anchors):
    monkeypatch.chdir(tmp_path)
    Path("eyes.yaml").write_text(PACK)
    return load_pack(Path("eyes.yaml"), ontology, anchors)


@pytest.mark.parametrize("rule", ["areas/gonads-in-head-are-eyeballs", "pieces/largest"])
def test_page(pack, rule):
    path = HERE / "golden" / f"page-{rule.rpartition('/')[2]}.txt"
    text = rule_page(pack, rule)
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


def test_what_a_pack_holds(pack):
    assert (pack.name, pack.about, pack.phases) == (
        "eyes",
        "A pack for a page.",
        ("areas", "pieces"),
    )
    assert pack.order == ("areas/gonads-in-head-are-eyeballs", "pieces/largest")
    assert [problem.code for problem in pack.warnings] == ["RUL030"]
    rule = pack.rule("areas/gonads-in-head-are-eyeballs")
    assert rule.changes
    assert rule.structures == ("gonads",)
    acts, rests = rule.tests
    assert acts.key == {
        "g": "gonads",
        "l": "eyeball_left",
        "r": "eyeball_right",
        "6": "vertebrae_C6",
    }
    assert acts.before == ". g . g .\n. . 6 . .\n"
    assert acts.after == ". r . l .\n. . 6 . .\n"
    assert (acts.view, acts.spacing_mm, acts.case) == ("coronal", None, {"sex": "male"})
    assert (rests.after, rests.outcome, rests.hu) == (None, "holds", None)
    assert (rests.span.path, rests.span.line) == ("eyes.yaml", 31)
    with pytest.raises(KeyError):
        pack.rule("areas/none")


def _as_json(value):
    if isinstance(value, dict):
        return {str(key): _as_json(part) for key, part in value.items()}
    return [_as_json(part) for part in value] if isinstance(value, list) else value


def test_the_schema_accepts_what_is_valid(ontology, anchors):
    schema = rules_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    texts = {"eyes.yaml": PACK} | {str(p): p.read_text() for p in pack_paths().values()}
    for path, text in texts.items():
        data = _as_json(parse_document(text, path).data)
        assert [error.message for error in validator.iter_errors(data)] == [], path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("expect: absent", "expect: absnet"),
        ("at_most: 1", "at_mots: 1"),
        ("above: head_base", "abvoe: head_base"),
        ("id: pieces/largest", "id: pieces"),
        ("outcome: holds", "outcome: hold"),
        ("    expect: absent\n", ""),
    ],
)
def test_the_schema_refuses_what_is_not(old, new):
    assert old in PACK
    data = _as_json(parse_document(PACK.replace(old, new), "eyes.yaml").data)
    assert list(jsonschema.Draft202012Validator(rules_json_schema()).iter_errors(data))


def test_shipped_packs_are_found_by_name():
    for name, path in pack_paths().items():
        assert path.name == f"{name}.yaml"
        assert path.is_file()
