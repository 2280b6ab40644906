"""The page of a rule, the JSON Schema, and the library."""

from __future__ import annotations

import os
import re
from pathlib import Path

import jsonschema
import pytest

from shipped_packs import shipped_pack
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.kind_page import kind_keys, kind_pages
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.page import rule_page
from vesalius.rules.schema import rules_json_schema

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

  # Above the rule, so that `explain` tells it too:
  #
  # a model paints crumbs.
  - id: pieces/largest
    summary: One piece each.
    for: {components: one, region: abdomen}
    expect: {components: {at_most: 1}, spare: {smaller_than_ml: 0.5}}
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
    assert pack.warnings == ()
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
    shipped = (part for folder in pack_paths().values() for part in folder.glob("*.yaml"))
    texts = {"eyes.yaml": PACK} | {str(path): path.read_text() for path in shipped}
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
        assert path.name == name
        assert (path / "pack.yaml").is_file()


@pytest.mark.parametrize("width", [40, 60, 88, 120])
def test_a_page_keeps_to_a_width(width):
    """Words stay whole; only pictures and single words are wider."""
    for name in pack_paths():
        pack = shipped_pack(name)
        for rule in pack.order:
            page = rule_page(pack, rule, width)
            assert page.split() == rule_page(pack, rule, 10_000).split()
            for line in page.splitlines():
                picture = all(re.fullmatch(r"\S{1,2}|\Sx\d+", word) for word in line.split())
                # A fact's name stands before its first word, however long that is.
                assert len(line) <= width or picture or len(line[12:].split()) == 1, line


@pytest.mark.parametrize("width", [40, 60, 88, 120])
def test_a_page_of_a_kind_keeps_to_a_width(width):
    for key in kind_keys():
        for page, whole in zip(kind_pages(key, width), kind_pages(key, 10_000), strict=True):
            assert page.split() == whole.split()
            for line in page.splitlines():
                assert len(line) <= width or len(line[12:].split()) == 1, line
