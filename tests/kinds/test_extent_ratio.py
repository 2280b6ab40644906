"""`extent_ratio`: widths along a direction, beside those of others."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import ExtentRatio, judge
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.kinds import sentences
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

LEFT = (-1.0, 0.0, 0.0)
RULE = """\
schema: rules/1
pack: sizes
about: How wide.
phases: [size]
rules:
  - id: size/wide
    summary: Wider than its neighbours.
    for: vertebrae_L3
    expect: {extent_ratio: {to: [vertebrae_L2, vertebrae_L4], direction: left,
      at_most: 1.5, fewest_voxels: 9}}
"""


def bars(*lengths, at=1):
    """Draw bars of labels 1, 2, ... along x, one above the other."""
    array = np.zeros((30, 3, 2 * len(lengths) + 1), dtype=np.uint8)
    for number, length in enumerate(lengths):
        array[at : at + length, 1, 2 * number + 1] = number + 1
    return start(encode(array, np.eye(4)))


def test_what_is_written_becomes_a_step():
    ontology = load_ontology()
    anchors = load_anchors(ontology)
    pack, _ = parse_pack(parse_document(RULE, "p.yaml"), ontology, anchors)
    labels = {"vertebrae_L2": 1, "vertebrae_L3": 2, "vertebrae_L4": 3}
    (step,) = compile_rules(pack, ontology, anchors, labels).steps
    assert step.expect == ExtentRatio((2,), (1, 3), LEFT, None, 1.5, 9)
    assert not compile_rules(pack, ontology, anchors, {"vertebrae_L3": 2}).steps


@pytest.mark.parametrize(("length", "wrong"), [(13, None), (14, "too wide"), (4, "too narrow")])
def test_the_mean_of_the_others_counts(length, wrong):
    """Bars of 5 and 13 voxels are 4 and 12 mm from end to end, 8 in the mean."""
    verdict = judge(ExtentRatio((2,), (1, 3), LEFT, 0.5, 1.5), bars(5, length, 13))
    assert [finding.kind for finding in verdict.findings] == ([wrong] if wrong else [])


def test_a_label_is_not_compared_with_itself():
    verdict = judge(ExtentRatio((1, 2), (1, 2), LEFT, None, 1.5), bars(5, 9))
    assert [finding.labels for finding in verdict.findings] == [(2,)]


def test_of_what_nothing_is_said():
    wide = ExtentRatio((2,), (1, 3), LEFT, None, 1.5, 5)
    assert judge(wide, bars(5, 4)).missing == "too few voxels to compare: label 2"
    assert judge(wide, bars(4, 20)).missing == "too few voxels to compare: label 1"
    assert len(judge(wide, bars(5, 20)).findings) == 1
    assert "cut" in judge(wide, bars(5, 20, at=0)).missing
    assert judge(ExtentRatio((2,), (7,), LEFT, None, 1.5), bars(5, 20)).missing == "absent: label 7"
    assert judge(ExtentRatio((2,), (2,), LEFT, None, 1.5), bars(5, 20)).missing == "alone: label 2"
    assert judge(ExtentRatio((7,), (1,), LEFT, None, 1.5), bars(5, 20)).holds
    one = ExtentRatio((2,), (1, 3), LEFT, None, 1.5)
    assert judge(one, bars(1, 20)).holds  # one voxel has no width


def test_the_finding_in_words():
    verdict = judge(ExtentRatio((2,), (1,), LEFT, None, 1.5), bars(5, 9))
    assert finding_texts(verdict.findings, {2: "b"}, sentences()) == (
        "b: reaches over 8.0 mm, 2 times as far as what it is compared with; at most 1.5 expected"
        " (0.01 ml, 9 voxels) at (5, 1, 3) mm",
    )
