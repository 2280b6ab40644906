"""`both_there`: one of a pair, and the place of the other."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import BothThere, judge
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.kinds import sentences
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

RULE = """\
schema: rules/1
pack: pairs
about: Both.
phases: [place]
rules:
  - id: place/both
    summary: One is missing.
    for: [kidney_left, kidney_right, liver]
    expect: {both_there: midline, fewest_voxels: 7}
"""
PLANE = LevelAnchor("x", (9,), 1, (1.0, 0.0, 0.0))
PAIR = BothThere(((1, 2),), 0)


def line(*bodies, length=31, size_mm=1.0):
    """Draw bodies (first, last, label) along x, and the plane's label at 15."""
    array = np.zeros((length, 3, 3), dtype=np.uint8)
    array[15, 1, 1] = 9
    for low, high, label in bodies:
        array[low : high + 1, 1, 1] = label
    return start(encode(array, np.diag([size_mm, 1, 1, 1])), (PLANE,), tokens={1: "a", 2: "b"})


def test_what_is_written_becomes_a_step():
    ontology = load_ontology()
    anchors = load_anchors(ontology)
    pack, _ = parse_pack(parse_document(RULE, "p.yaml"), ontology, anchors)
    labels = {"kidney_left": 1, "kidney_right": 2, "liver": 3, "vertebrae_L1": 4}
    (step,) = compile_rules(pack, ontology, anchors, labels).steps
    assert step.expect == BothThere(((1, 2),), 0, 7)
    assert not compile_rules(pack, ontology, anchors, {"kidney_left": 1, "liver": 3}).steps


@pytest.mark.parametrize(
    ("bodies", "missing"),
    [
        ([(4, 6, 1)], [(2,)]),
        ([(24, 26, 2)], [(1,)]),
        ([(24, 26, 1)], [(2,)]),  # on whichever side it lies
        ([(4, 6, 1), (24, 26, 2)], []),
        ([], []),
    ],
)
def test_one_of_a_pair(bodies, missing):
    assert [finding.labels for finding in judge(PAIR, line(*bodies)).findings] == missing


def test_the_place_must_be_in_the_scan():
    """The mirror image of 4 to 6 is 24 to 26."""
    assert len(judge(PAIR, line((4, 6, 1), length=27)).findings) == 1
    verdict = judge(PAIR, line((4, 6, 1), length=26))
    assert verdict.missing == "the place of b is outside the scan"
    assert verdict.passed_over == (verdict.missing,)


def test_of_what_nothing_is_said():
    assert "cut" in (judge(PAIR, line((0, 6, 1))).missing or "")
    few = BothThere(((1, 2),), 0, 4)
    assert judge(few, line((4, 6, 1))).missing == "too few voxels to compare: a"
    assert len(judge(few, line((4, 7, 1))).findings) == 1


def test_without_the_plane_only_complete_pairs_hold():
    expect = BothThere(((1, 2), (3, 4)), 0)
    array = np.zeros((9, 3, 3), dtype=np.uint8)
    array[2, 1, 1], array[6, 1, 1] = 1, 2
    assert judge(expect, start(encode(array, np.eye(4)), (PLANE,))).holds
    array[4, 1, 1] = 3
    assert judge(expect, start(encode(array, np.eye(4)), (PLANE,))).missing


def test_the_finding_in_words():
    verdict = judge(PAIR, line((4, 6, 1), size_mm=2.0))
    assert finding_texts(verdict.findings, {2: "b"}, sentences()) == (
        "b: is not there, its mirror is, and the scan shows its place at (50, 1, 1) mm",
    )
