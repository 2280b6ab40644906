"""`at_level`: from what is written to what is found, in pictures and figures."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.adapters.rule_tests.collect import make_bench, select_tests
from vesalius.adapters.rule_tests.run_test import run_test
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import AtLevel, Into, judge
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.kinds import sentences
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

DOWN, LEFT, FRONT = (0.0, 0.0, -1.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
RULE = """\
schema: rules/1
pack: levels
about: What lies left of the spine at its own level.
phases: [place]
rules:
  - id: place/aorta
    summary: The aorta lies right of the vertebrae at its level.
    for: aorta
    expect: {at_level: {of: vertebrae, lies: left_of, reach_mm: 5}, share: 0.75}
    repair: remove
"""
# In scoliosis the upper part of the aorta lies right of the middle of the spine.
TESTS = """\
    tests:
      - name: scoliosis
        key: {1: vertebrae_T9, 2: vertebrae_T10, 3: vertebrae_T11, a: aorta}
        before: |
          . . . . . . . .
          . 1 a . . . . .
          . . . 2 a . . .
          . . . . . 3 a .
          . . . . . . . .
        outcome: holds
      - name: scoliosis, on the wrong side of the lower two
        key: {1: vertebrae_T9, 2: vertebrae_T10, 3: vertebrae_T11, a: aorta}
        before: |
          . . . . . . . .
          . 1 a . . . . .
          . . a 2 . . . .
          . . . . a 3 . .
          . . . . . . . .
        after: |
          . . . . . . . .
          . 1 . . . . . .
          . . . 2 . . . .
          . . . . . 3 . .
          . . . . . . . .
        outcome: changed
      - name: on no level
        key: {1: vertebrae_T9, a: aorta}
        before: |
          . . . .
          . 1 . .
          . . . .
          a . . .
        outcome: skipped
"""


@pytest.fixture(scope="module")
def known():
    ontology = load_ontology()
    return ontology, load_anchors(ontology)


def test_pictures_in_all_orientations(known, tmp_path):
    path = tmp_path / "levels.yaml"
    path.write_text(RULE + TESTS)
    items = select_tests([str(path)], *known)
    found = {i.test.name: run_test(make_bench(i.rule, i.pack, *known), i.test) for i in items}
    assert {name: (r.word, r.details) for name, r in found.items()} == dict.fromkeys(
        ["scoliosis", "scoliosis, on the wrong side of the lower two", "on no level"],
        ("passed", ()),
    )


def test_what_is_written_becomes_a_step(known):
    pack, _ = parse_pack(parse_document(RULE, "p.yaml"), *known)
    lowered = compile_rules(pack, *known, {"aorta": 1, "vertebrae_T9": 2, "vertebrae_C1": 3})
    (step,) = lowered.steps
    assert step.expect == AtLevel((1,), (3, 2), DOWN, LEFT, 5, 0.75, 0.1)
    assert (step.repair, step.reads, step.writes) == (Into(0), (1, 2, 3), (1,))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", reach_mm: 5", "", "key `reach_mm` is missing"),
        ("left_of", "left", "`lies` expects one of above, below, left_of, right_of, in_front_of,"
         " behind; found the text `left`"),
        ("of: vertebrae", "of: vertebra", "unknown sequence `vertebra`"),
        ("of: vertebrae,", "of: [vertebrae_T9, vertebrae_T10],",
         "a list of structures has no direction of its own"),
        ("    repair: remove", "    repair: renumber", "`renumber` goes with `undivided`,"
         " `counted`, `numbered`, `beside`, `told_apart`"),
    ],
)  # fmt: skip
def test_what_is_written_wrong(old, new, message, known):
    assert old in RULE
    _, problems = parse_pack(parse_document(RULE.replace(old, new), "p.yaml"), *known)
    assert message in [problem.message for problem in problems if problem.severity == "error"]


def column(*rows):
    """Draw rows of labels along x, from above, 10 mm apart, in the middle of some air."""
    array = np.zeros((len(rows[0]) + 2, 3, len(rows) + 2), dtype=np.uint8)
    array[1:-1, 1, 1:-1] = np.array(rows)[::-1].T
    return start(encode(array, np.diag([-10.0, 10.0, 10.0, 1.0])))


def judged(context, *, reach_mm=5.0, share=1.0, members=(2, 3)):
    return judge(AtLevel((1,), members, DOWN, LEFT, reach_mm, share), context)


def test_a_voxel_counts_once_for_each_member_at_its_level():
    context = column([2, 1, 0], [0, 1, 3])
    # Within 5 mm each has its own level; within 10 mm each voxel is right of 3 and left of 2.
    for reach_mm, share in ((5.0, 0.5), (9.9, 0.5), (10.0, 0.5)):
        assert judged(context, reach_mm=reach_mm, share=share).holds
        (finding,) = judged(context, reach_mm=reach_mm, share=share + 0.01).findings
        assert dict(finding.values) == {"share": 0.5, "at_least": share + 0.01}
    context = column([2, 1, 0], [0, 0, 3])
    assert judged(context, reach_mm=9.9).holds
    assert not judged(context, reach_mm=10.0).holds


def test_as_far_as_the_centre_is_far_enough():
    assert judged(column([1], [2]), reach_mm=10.0).holds
    assert not judged(column([1, 0], [0, 2]), reach_mm=10.0).holds


def test_what_cannot_be_judged_says_why():
    assert judged(column([2, 0, 3])).holds
    assert judged(column([1, 0], [0, 0])).missing == (
        "at the level of label 1 is no whole one of label 2, label 3"
    )
    # The scan cuts the only member at its level.
    array = np.zeros((4, 3, 3), dtype=np.uint8)
    array[0, 1, 1], array[2, 1, 1] = 2, 1
    context = start(encode(array, np.diag([-10.0, 10.0, 10.0, 1.0])))
    assert judged(context, members=(2,)).missing == (
        "at the level of label 1 is no whole one of label 2"
    )


def test_the_finding_in_words():
    context = column([1, 2])
    verdict = judged(context, share=0.9)
    assert finding_texts(verdict.findings, {1: "aorta"}, sentences()) == (
        "aorta: 0 of it on that side of what is at its level, at least 0.9 expected"
        " (1.00 ml, 1 voxel) at (-10, 10, 10) mm",
    )


@pytest.mark.parametrize(("least_share", "holds"), [(0.2, False), (0.21, True)])
def test_a_fragment_has_no_level(least_share, holds):
    """One of 1 voxel beside two of 5; the middle one of all 11 belongs to one of 5."""
    rows = [[0, 0, 0, 0, 1, 2, 0], [3, 3, 3, 3, 3, 1, 0], [4, 4, 4, 4, 4, 0, 1]]
    expect = AtLevel((1,), (2, 3, 4), DOWN, LEFT, 5.0, 1.0, least_share)
    assert judge(expect, column(*rows)).holds is holds
