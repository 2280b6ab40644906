"""`densities`: what is written, how many must be wrong, and the words of findings."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.judging.context import ArrayImage, start
from vesalius.engine.kinds import Densities, HuRange, judge
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.kinds import sentences
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

RULE = """\
schema: rules/1
pack: image
about: Where the image is.
phases: [sources]
rules:
  - id: sources/image
    summary: Beside the image.
    each: source
    for: [liver, kidney_left]
    expect: {densities: {}}
"""
RANGES = (HuRange((1, 2, 3), 0.0, 100.0), HuRange((4, 5), 200.0, None))


def test_what_is_written_becomes_a_step():
    ontology = load_ontology()
    anchors = load_anchors(ontology)
    pack, _ = parse_pack(parse_document(RULE, "p.yaml"), ontology, anchors)
    (step,) = compile_rules(pack, ontology, anchors, {"liver": 1, "kidney_left": 2}).steps
    assert set(step.expect.ranges) == {HuRange((1,), 10.0, 170.0), HuRange((2,), 10.0, 280.0)}
    assert (step.expect.at_least, step.expect.share) == (3, 0.25)


def judged(values, at_least=1, share=0.25):
    """Judge labels 1, 2, 3 ... that have one voxel each, of these values."""
    array = np.arange(1, len(values) + 1, dtype=np.uint8).reshape(-1, 1, 1)
    image = ArrayImage(np.array(values, dtype=float).reshape(-1, 1, 1))
    return judge(Densities(RANGES, at_least, share), start(encode(array, np.eye(4)), image=image))


@pytest.mark.parametrize(
    ("values", "at_least", "share", "wrong"),
    [
        ((50, 50, 50, 300, 300), 1, 0.01, None),
        ((0, 100, 50, 200, 3000), 1, 0.01, None),
        ((-1, 50, 50, 300, 300), 1, 0.2, (1,)),
        ((-1, 50, 50, 300, 300), 1, 0.21, None),
        ((-1, 50, 50, 199, 300), 3, 0.2, None),
        ((-1, 101, 50, 199, 300), 3, 0.2, (1, 2, 4)),
        ((np.nan, 50, 50, 199, 300), 1, 0.25, (4,)),
    ],
)
def test_so_many_and_so_large_a_share_must_be_wrong(values, at_least, share, wrong):
    verdict = judged(values, at_least, share)
    assert [finding.labels for finding in verdict.findings] == ([] if wrong is None else [wrong])
    assert verdict.doubted == (() if wrong is None else (1, 2, 3, 4, 5))


def test_nothing_is_said_without_image_or_with_too_few():
    labels = encode(np.ones((1, 1, 1), dtype=np.uint8), np.eye(4))
    assert judge(Densities(RANGES, 1, 0.5), start(labels)).missing == "the case has no image in HU"
    assert judged((50, 50), 3).missing == "fewer than 3 structures have a known density"


def test_the_finding_in_words():
    assert finding_texts(
        judged((-900, -900, 50)).findings, {1: "a", 2: "b", 3: "c"}, sentences()
    ) == (
        "a, b: 2 of 3 structures have a mean density that they never have; labels and image are"
        " not of one patient, or not in one place",
    )
