"""Each threshold of each shipped rule: moved to either end, a test of that rule fails."""

from __future__ import annotations

import pytest
from mutants.thresholds import survivors, thresholds

from shipped_packs import shipped_pack
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

# What means the same at that end.
SAME = {
    "recommended": {
        "pieces/far: rest owner crumb_mm 30 -> 0": "nothing within 100 mm is judged",
        "pieces/crumbs: rest owner crumb_mm 30 -> 0": "nothing within 30 mm is judged",
    },
    "dap_atlas": {},
}


@pytest.fixture(scope="module")
def known():
    ontology = load_ontology()
    return ontology, load_anchors(ontology)


@pytest.mark.parametrize("name", SAME)
def test_each_threshold_is_shown_by_a_test(name, known):
    assert set(survivors(shipped_pack(name), *known)) == set(SAME[name])


def test_a_threshold_without_a_test_is_found(known):
    """The same rule with tests that stay far from its limit, on both of its ends."""
    text = """\
schema: rules/1
pack: own
about: For this test.
phases: [contact]
rules:
  - id: contact/femur
    summary: Far away.
    for: femur_left
    expect: {touches: hip_left, gap_mm: 20}
    tests:
      - {name: near, key: {f: femur_left, h: hip_left}, before: ". . . .\\n. f h .\\n. . . .",
        outcome: holds}
"""
    pack, problems = parse_pack(parse_document(text, "own.yaml"), *known)
    assert not problems
    (threshold,) = thresholds(pack.rule("contact/femur"))
    assert (threshold.place, threshold.value) == (("expects", 0, "gap_mm"), 20)
    assert survivors(pack, *known) == ["contact/femur: gap_mm 20 -> 1e+09"]
