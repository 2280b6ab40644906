"""Lengths that are relative to the patient, and what touches without a gap, in pictures."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from oracle.kinds import JUDGES
from oracle.state import State
from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.adapters.rule_tests.collect import make_bench, select_tests
from vesalius.adapters.rule_tests.run_test import run_test
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Ordered, Touching, judge
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.kinds import sentences
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

HEAD = "schema: rules/1\npack: p\nabout: A test.\nphases: [sizes]\nrules:\n"
STEP = """\
  - id: sizes/step
    summary: Two vertebrae lie too near to each other, or too far apart.
    expect: {ordered: vertebrae, step: {median_of: vertebrae, at_least: 0.6, at_most: 1.4}}
"""
GAP = """\
  - id: sizes/gap
    summary: A rib is further from its vertebra than two vertebrae from each other.
    each: ribs
    expect: {touches: {vertebrae: same}, gap: {median_of: vertebrae, at_most: 1}}
"""
TOUCH = """\
  - id: sizes/touch
    summary: The gallbladder does not touch the liver.
    for: gallbladder
    expect: {touches: liver}
"""
DOWN = (0.0, 0.0, -1.0)

EVEN = ". . .\n. 1 .\n. . .\n. 2 .\n. . .\n. 3 .\n. . .\n. 4 .\n. . ."
UNEVEN = ". . .\n. 1 .\n. . .\n. 2 .\n. . .\n. 3 .\n. 4 .\n. . ."
VERTEBRAE = {str(n): f"vertebrae_T{n}" for n in range(1, 5)}
PICTURES = [
    (STEP, VERTEBRAE, EVEN, "holds"),
    (STEP, VERTEBRAE, UNEVEN, "violated"),
    (STEP, VERTEBRAE, ". . .\n. 1 .\n. . .\n. 2 .\n. . .", "skipped"),
    (GAP, {**VERTEBRAE, "a": "rib_left_2"},
     ". . . .\n. 1 . .\n. . . .\n. 2 a .\n. . . .\n. 3 . .\n. . . .", "holds"),
    (GAP, {**VERTEBRAE, "a": "rib_left_2"},
     ". . . . . .\n. 1 . . . .\n. . . . . .\n. 2 . . a .\n. . . . . .\n. 3 . . . .\n. . . . . .",
     "violated"),
    (TOUCH, {"g": "gallbladder", "l": "liver"}, ". . . .\n. l . .\n. . g .\n. . . .", "holds"),
    (TOUCH, {"g": "gallbladder", "l": "liver"}, ". . . . .\n. l . g .\n. . . . .", "violated"),
]  # fmt: skip


@pytest.fixture(scope="module")
def ontology():
    return load_ontology()


@pytest.fixture(scope="module")
def anchors(ontology):
    return load_anchors(ontology)


@pytest.mark.parametrize("scale", [0.5, 1, 2])
@pytest.mark.parametrize("picture", range(len(PICTURES)))
def test_pictures_of_patients_of_any_size(picture, scale, ontology, anchors, tmp_path):
    rule, key, before, outcome = PICTURES[picture]
    spacing = [10 * scale, 12 * scale, 10 * scale]
    rows = "".join(f"          {row}\n" for row in before.split("\n"))
    written = ", ".join(f"{letter}: {name}" for letter, name in key.items() if letter in before)
    test = (
        f"    tests:\n      - name: it\n        key: {{{written}}}\n"
        f"        spacing_mm: {spacing}\n        before: |\n{rows}        outcome: {outcome}\n"
    )
    path = tmp_path / "p.yaml"
    path.write_text(HEAD + rule + test)
    (item,) = select_tests([str(path)], ontology, anchors)
    result = run_test(make_bench(item.rule, item.pack, ontology, anchors), item.test)
    assert (result.word, result.details) == ("passed", ())


def test_what_is_written_becomes_a_step(ontology, anchors):
    names = [
        "vertebrae_T12",
        "vertebrae_T13",
        "vertebrae_L1",
        "rib_left_12",
        "gallbladder",
        "liver",
    ]
    labels = {name: at for at, name in enumerate(names, start=1)}
    pack, _ = parse_pack(parse_document(HEAD + STEP + GAP + TOUCH, "p.yaml"), ontology, anchors)
    steps = compile_rules(pack, ontology, anchors, labels).steps
    assert {step.rule: step.expect for step in steps} == {
        "sizes/step": Ordered((1, 2, 3), DOWN, at_least_steps=0.6, at_most_steps=1.4, unit=(1, 3)),
        "sizes/gap": Touching((4,), (1,), None, 1.0, (1, 3)),
        "sizes/touch": Touching((5,), (6,)),
    }
    # What gives the unit is read.
    (gap,) = (step for step in steps if step.rule == "sizes/gap")
    assert gap.reads == (1, 3, 4)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (TOUCH.replace("touches: liver", "touches: liver, gap_mm: 1, gap: {median_of: vertebrae,"
                       " at_most: 1}"), "needs only one of `gap_mm` and `gap`"),
        (TOUCH.replace("touches: liver", "touches: liver, gap: {median_of: vertebra, at_most: 1}"),
         "unknown sequence `vertebra`"),
        (STEP.replace("at_least: 0.6, at_most: 1.4", "at_least: 2, at_most: 1"),
         "`at_least` is more than `at_most`"),
    ],
)  # fmt: skip
def test_what_is_written_wrong(rule, message, ontology, anchors):
    pack, problems = parse_pack(parse_document(HEAD + rule, "p.yaml"), ontology, anchors)
    assert pack is None
    (problem,) = (problem for problem in problems if problem.severity == "error")
    assert message in problem.message


def test_what_is_said_of_two_that_do_not_touch():
    labels = np.zeros((6, 3, 3), np.uint8)
    labels[1, 1, 1], labels[5, 1, 1] = 1, 2
    context = start(encode(labels, np.diag([2.0, 3.0, 6.0, 1.0])))
    verdict = judge(Touching((1,), (2,)), context)
    (text,) = finding_texts(verdict.findings, {1: "gallbladder", 2: "liver"}, sentences())
    assert "8.0 mm away, expected to touch (within the diagonal of a voxel)" in text
    assert "0.0 mm" not in text
    # The diagonal is 7 mm.
    assert judge(Touching((1,), (2,), 7.9), context).findings
    labels[5], labels[2, 2, 2] = 0, 2
    corner = start(encode(labels, np.diag([2.0, 3.0, 6.0, 1.0])))
    assert judge(Touching((1,), (2,)), corner).holds


def test_why_there_is_no_usual_step():
    labels = np.zeros((3, 3, 12), np.uint8)
    labels[1, 1, 2], labels[1, 1, 5], labels[1, 1, 8] = 1, 2, 5
    context = start(encode(labels, np.eye(4)))
    unit = Ordered((1, 2), (0.0, 0.0, 1.0), at_least_steps=1.0, unit=(1, 2, 3))
    (reason,) = judge(unit, context).passed_over
    assert "needs three of" in reason
    assert "and 2 are there" in reason
    # The order is judged all the same.
    down = Ordered((1, 2), (0.0, 0.0, -1.0), at_least_steps=1.0, unit=(1, 2, 3))
    assert [finding.kind for finding in judge(down, context).findings] == ["out of order"]
    apart = Ordered((1, 2), (0.0, 0.0, 1.0), at_least_steps=1.0, unit=(1, 3, 2, 4, 5))
    assert "no two that are there follow each other" in judge(apart, context).passed_over[0]


@settings(deadline=None, max_examples=120)
@given(seed=st.integers(0, 2**32 - 1), square=st.booleans())
def test_engine_and_oracle_agree(seed, square):
    rng = np.random.default_rng(seed)
    labels = rng.choice([0, 0, 0, 1, 2, 3, 4], size=rng.integers(3, 7, 3)).astype(np.uint8)
    # Some labels are in one place only, and none of these at the border.
    labels[1, 1, 1] = 5
    affine = np.diag([1.0, 2.0, 0.5, 1.0])
    if not square:
        affine[:3, :3] = rng.integers(-4, 5, (3, 3)) / 2 + 8 * np.eye(3)
    unit = tuple(rng.permutation([1, 2, 3, 4, 5]).tolist())
    expects = [
        Touching((5, 1), (2, 3)),
        Touching((5, 1), (2, 3), gap_steps=float(rng.choice([0.5, 1.0, 2.0])), unit=unit),
        Ordered((1, 5, 2, 3), DOWN, 0.5, None, None, False, 0.5, 1.5, unit),
        Ordered((5, 4, 3), DOWN, 9.0, 1.0, 2.0, False, 0.75, None, unit),
    ]
    context = start(encode(labels, affine))
    state = State(labels.astype(np.int64), affine, (), {}, None)
    for expect in expects:
        verdict, said = judge(expect, context), JUDGES[type(expect)](expect, state)
        assert (verdict.missing is not None) == said.missing
        found = [(f.kind, f.labels, f.values) for f in verdict.findings]
        assert found == [(f.kind, f.labels, f.values) for f in said.findings]
