"""`elongated`: from what is written to what is found, in pictures and figures."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.adapters.rule_tests.collect import make_bench, select_tests
from vesalius.adapters.rule_tests.run_test import run_test
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Elongated, Into, judge
from vesalius.engine.runs.labelmap import encode
from vesalius.engine.runs.moments import moments
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.kinds import sentences
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

RULE = """\
schema: rules/1
pack: shapes
about: What is long and thin.
phases: [shapes]
rules:
  - id: shapes/a-tube-is-long
    summary: A tube is three times as long as wide.
    for: esophagus
    expect: {elongated: {at_least: 3}}
    repair: remove
"""
TESTS = """\
    tests:
      - name: long, upright
        key: {e: esophagus}
        before: |
          . . .
          . e .
          . e .
          . e .
          . . .
        outcome: holds
      - name: long, slanted
        key: {e: esophagus}
        before: |
          . . . . . .
          . e . . . .
          . . e . . .
          . . . e . .
          . . . . e .
          . . . . . .
        outcome: holds
      - name: a plate is not long
        key: {e: esophagus}
        before: |
          . . . . .
          . e e e .
          . e e e .
          . e e e .
          . . . . .
        after: |
          . . . . .
          . . . . .
          . . . . .
          . . . . .
          . . . . .
        outcome: changed
      - name: a stump is not long
        key: {e: esophagus}
        before: |
          . . .
          . e .
          . e .
          . . .
        after: |
          . . .
          . . .
          . . .
          . . .
        outcome: changed
      - name: a stump of tall voxels is long
        key: {e: esophagus}
        spacing_mm: [10, 10, 15]
        before: |
          . . .
          . e .
          . e .
          . . .
        outcome: holds
      - name: one that the scan cuts
        key: {e: esophagus}
        before: |
          . e .
          . e .
          . . .
        outcome: skipped
"""


@pytest.fixture(scope="module")
def ontology():
    return load_ontology()


@pytest.fixture(scope="module")
def anchors(ontology):
    return load_anchors(ontology)


@pytest.mark.parametrize("number", range(6))
def test_pictures_in_all_orientations(number, ontology, anchors, tmp_path):
    path = tmp_path / "shapes.yaml"
    path.write_text(RULE + TESTS)
    items = select_tests([str(path)], ontology, anchors)
    assert len(items) == 6
    item = items[number]
    result = run_test(make_bench(item.rule, item.pack, ontology, anchors), item.test)
    assert (result.word, result.details) == ("passed", ()), item.name


def test_what_is_written_becomes_a_step(ontology, anchors):
    pack, _ = parse_pack(parse_document(RULE, "p.yaml"), ontology, anchors)
    lowered = compile_rules(pack, ontology, anchors, {"liver": 1, "esophagus": 2})
    (step,) = lowered.steps
    assert (step.expect, step.repair) == (Elongated((2,), 3.0), Into(0))
    assert (step.reads, step.writes) == ((2,), (2,))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{at_least: 3}", "{}", "key `at_least` is missing"),
        ("{at_least: 3}", "{at_least: 1}", "`at_least` must be greater than 1"),
        ("{at_least: 3}", "{at_most: 3}", "unknown key `at_most`"),
        ("    repair: remove", "    repair: renumber", "`renumber` goes with `undivided`,"
         " `counted`, `numbered`, `beside`, `told_apart`"),
        ("    for: esophagus\n", "", "`shapes/a-tube-is-long` does not say which structures it"
         " judges"),
    ],
)  # fmt: skip
def test_what_is_written_wrong(old, new, message, ontology, anchors):
    assert old in RULE
    pack, problems = parse_pack(parse_document(RULE.replace(old, new), "p.yaml"), ontology, anchors)
    assert pack is None
    assert message in [problem.message for problem in problems if problem.severity == "error"]


def block(sides, label=1):
    array = np.zeros([n + 2 for n in sides], dtype=np.uint8)
    array[tuple(slice(1, 1 + n) for n in sides)] = label
    return array


@pytest.mark.parametrize(
    ("sides", "spacing_mm", "ratio"),
    [
        ((6, 2, 1), (1, 1, 1), 3.0),
        ((2, 1, 6), (1, 1, 1), 3.0),
        ((6, 2, 1), (1, 4, 1), 4 / 3),
        ((5, 1, 1), (0.5, 0.75, 0.25), 2.5 / 0.75),
        ((1, 1, 1), (1, 1, 1), 1.0),
        ((1, 1, 1), (1, 2, 5), 2.5),
    ],
)
def test_of_a_box_it_is_the_ratio_of_its_longest_sides(sides, spacing_mm, ratio):
    context = start(encode(block(sides), np.diag([*spacing_mm, 1.0])))
    assert judge(Elongated((1,), round(ratio, 6)), context).holds
    verdict = judge(Elongated((1,), ratio + 0.001), context)
    (finding,) = verdict.findings
    assert (finding.kind, finding.labels) == ("not elongated", (1,))
    assert dict(finding.values)["length"] == pytest.approx(ratio, abs=1e-6)
    assert verdict.faults.voxels.tolist() == [int(np.prod(sides))]


def test_the_finding_in_words():
    context = start(encode(block((4, 2, 1)), np.diag([10.0, 10.0, 10.0, 1.0])))
    findings = judge(Elongated((1,), 3.0), context).findings
    assert finding_texts(findings, {1: "tube"}, sentences()) == (
        "tube: 2 times as long as wide, at least 3 expected (8.00 ml, 8 voxels) at (25, 15, 10) mm",
    )


def test_all_pieces_count_as_one():
    array = np.concatenate([block((2, 2, 2)), block((2, 2, 2)), block((2, 2, 2))])
    context = start(encode(array, np.eye(4)))
    assert judge(Elongated((1,), 3.0), context).holds


def test_labels_that_are_absent_or_cut():
    array = block((2, 2, 2))
    assert judge(Elongated((5,), 3.0), start(encode(array, np.eye(4)))).holds
    array[0, 1, 1] = 1
    verdict = judge(Elongated((1,), 3.0), start(encode(array, np.eye(4))))
    assert verdict.missing == "label 1 is cut by the border of the scan"
    array[3, 3, 2] = 2
    verdict = judge(Elongated((1, 2), 3.0), start(encode(array, np.eye(4))))
    assert verdict.missing is not None


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(3)))
def test_moments_are_those_of_the_voxels(seed, order):
    rng = np.random.default_rng(seed)
    array = rng.choice([0, 0, 1, 2, 9], size=rng.integers(1, 7, 3)).astype(np.uint8)
    array = np.asfortranarray(array.transpose(order))
    affine = np.eye(4)
    affine[:3, :3] = rng.normal(size=(3, 3))
    found = moments(encode(array, affine))
    assert found.label.tolist() == [int(n) for n in np.unique(array) if n]
    for row, label in enumerate(found.label):
        voxels = np.argwhere(array == label)
        assert found.voxels[row] == len(voxels)
        assert np.array_equal(found.index_sum[row], voxels.sum(axis=0))
        assert np.array_equal(found.index_product[row], voxels.T @ voxels)
        spread = np.cov(voxels.T, bias=True).reshape(3, 3) + np.eye(3) / 12
        expected = affine[:3, :3] @ spread @ affine[:3, :3].T
        assert found.spread_mm2(row) == pytest.approx(expected, abs=1e-9)


def test_moments_far_from_the_origin_are_exact():
    """Of a thousand layers: the difference of two large numbers is not rounded."""
    array = np.zeros((1, 1, 1000), dtype=np.uint8)
    array[0, 0, 997:999] = 1
    found = moments(encode(array, np.eye(4)))
    assert found.spread_mm2(0)[2, 2] == 0.25 + 1 / 12
    assert found.index_product[0, 2, 2] == 997**2 + 998**2
