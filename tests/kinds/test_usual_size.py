"""`usual_size`: what is written, medians along each axis, and the words of findings."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Scale, UsualSize, judge
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.kinds import sentences
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

RULE = """\
schema: rules/1
pack: sizes
about: How large.
phases: [sources]
rules:
  - id: sources/scale
    summary: Not as large as a patient.
    each: source
    for: [kidney, kidney_left, kidney_right, spleen, tongue]
    expect: {usual_size: {at_most_times: 3}}
"""
SIZES = (UsualSize((1, 2), 10.0, 20.0, 30.0), UsualSize((3,), 20.0, 20.0, 20.0))


def test_what_is_written_becomes_a_step():
    ontology = load_ontology()
    anchors = load_anchors(ontology)
    pack, _ = parse_pack(parse_document(RULE, "p.yaml"), ontology, anchors)
    labels = {"kidney": 1, "kidney_left": 2, "kidney_right": 3, "spleen": 4, "tongue": 5}
    (step,) = compile_rules(pack, ontology, anchors, labels).steps
    # Both kidneys under one label have no usual size.
    assert {one.labels for one in step.expect.sizes} == {(2, 3), (4,)}
    assert (step.expect.at_least, step.expect.at_least_times) == (4, 0.25)
    assert (step.expect.at_most_times, step.expect.uneven_times) == (3.0, 2.5)


def boxes(spacing_mm):
    """Three boxes of 10 x 20 x 30, 10 x 20 x 30 and 20 x 20 x 20 voxels, none at the border."""
    array = np.zeros((24, 70, 34), dtype=np.uint8)
    array[1:11, 1:21, 1:31] = 1
    array[1:11, 23:43, 1:31] = 2
    array[1:21, 45:65, 1:21] = 3
    return start(encode(array, np.diag([*spacing_mm, 1.0])))


@pytest.mark.parametrize(
    ("spacing_mm", "kind"),
    [
        ((1, 1, 1), None),
        ((-0.25, 0.25, 0.25), None),
        ((0.2, 0.2, -0.2), "too small a patient"),
        ((2.5, 2.5, 2.5), None),
        ((2.6, 2.6, 2.6), "too large a patient"),
        ((1, 1, 0.4), None),
        ((1, 1, 0.39), "stretched"),
        ((2.6, 1, 1), "stretched"),
    ],
)
def test_the_median_of_each_axis_counts(spacing_mm, kind):
    verdict = judge(Scale(SIZES, 2, 0.25, 2.5, 2.5), boxes(spacing_mm))
    assert [finding.kind for finding in verdict.findings] == ([] if kind is None else [kind])
    assert verdict.doubted == (() if kind is None else (1, 2, 3))


def test_one_that_is_off_does_not_count():
    sizes = (SIZES[0], UsualSize((3,), 2.0, 2.0, 2.0))
    assert judge(Scale(sizes, 2, 0.25, 2.5, 2.5), boxes((1, 1, 1))).holds


def test_what_is_cut_is_not_compared():
    array = np.zeros((24, 24, 34), dtype=np.uint8)
    array[0:10, 1:21, 1:31] = 1
    verdict = judge(Scale(SIZES, 1, 0.25, 2.5, 2.5), start(encode(array, np.eye(4))))
    assert verdict.missing == "fewer than 1 structures of known size are whole"


def test_the_finding_in_words():
    verdict = judge(Scale(SIZES, 2, 0.25, 2.5, 2.5), boxes((0.2, 0.2, 0.2)))
    assert finding_texts(verdict.findings, {1: "a", 2: "b", 3: "c"}, sentences()) == (
        "a, b, c: 0.2 times the usual size (0.2 from right to left, 0.2 from front to back, 0.2"
        " from head to foot; median of 3 structures); is the spacing right?",
    )
