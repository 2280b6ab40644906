"""`facing`: what is written, what is compared, and the words of findings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Facing, FacingPart, Follows, judge
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
pack: turned
about: Which way round.
phases: [sources]
rules:
  - id: sources/left
    summary: Left and right are exchanged.
    each: source
    expect: {facing: {direction: left, mirrors: true, anchor: midline, at_least: 2,
      parts: [{below: lung}], chains: [[liver, spleen, stomach], [{is_a: kidney}, {is_a: hip}]]}}
"""
LABELS = {
    "liver": 1, "stomach": 2, "kidney_left": 3, "kidney_right": 4, "hip_left": 5, "hip_right": 6,
    "lung_upper_lobe_left": 7, "lung_upper_lobe_right": 8, "lung_middle_lobe_right": 9,
}  # fmt: skip


@pytest.fixture(scope="module")
def ontology():
    return load_ontology()


def lowered(text, ontology, labels=LABELS):
    anchors = load_anchors(ontology)
    pack, problems = parse_pack(parse_document(text, "p.yaml"), ontology, anchors)
    if pack is None:
        return [problem.message for problem in problems if problem.severity == "error"]
    return compile_rules(pack, ontology, anchors, labels)


def test_what_is_written_becomes_a_step(ontology):
    (step,) = lowered(RULE, ontology).steps
    expect = step.expect
    assert step.each_source
    assert set(expect.follows) == {
        Follows((4,), (3,)), Follows((6,), (5,)), Follows((8,), (7,)),  # mirrors
        Follows((1,), (2,)),  # the spleen has no label, and is passed over
        Follows((3,), (5,)), Follows((4,), (6,)),  # each side by itself
    }  # fmt: skip
    assert (expect.direction, expect.at_least) == ((-1.0, 0.0, 0.0), 2)
    assert (set(expect.positive), set(expect.negative)) == ({3, 5, 7}, {4, 6, 8, 9})
    assert expect.parts == (FacingPart((7, 8, 9), (9,)),)
    assert (expect.clear_mm, expect.share, expect.skip_cut) == (8.0, 0.8, True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("direction: left, ", "", "key `direction` is missing"),
        ("[liver, spleen, stomach]", "[livr, spleen]", "unknown structure `livr`"),
        ("    each: source\n", "    each: source\n    repair: remove\n",
         "`repair` has no meaning here: what a source says is judged, and not changed"),
        ("    each: source\n", "    each: source\n    for: liver\n",
         "`for` has no meaning here: this expectation names its structures itself"),
        ("each: source", "each: sources", "`sources` is neither `side`, `source` nor a sequence"),
    ],
)  # fmt: skip
def test_what_is_written_wrong(old, new, message, ontology):
    assert old in RULE
    assert message in lowered(RULE.replace(old, new), ontology)


def points(*labels):
    """A line of single voxels, 10 mm apart, from right to left; 0 is nothing."""
    array = np.zeros((len(labels) + 2, 3, 3), dtype=np.uint8)
    array[1:-1, 1, 1] = labels
    return encode(array, np.diag([-10.0, 10.0, 10.0, 1.0]))


LEFT = (-1.0, 0.0, 0.0)
PAIRS = tuple(Follows((label,), (label + 1,)) for label in (1, 3, 5, 7, 9))


@pytest.mark.parametrize(
    ("labels", "share", "said"),
    [
        ((2, 1, 4, 3, 6, 5, 8, 7, 10, 9), 1.0, (5, 5)),
        ((1, 2, 4, 3, 6, 5, 8, 7, 10, 9), 0.8, (4, 5)),
        ((1, 2, 4, 3, 6, 5, 8, 7, 10, 9), 0.81, None),
        ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 0.2, None),
    ],
)
def test_so_large_a_share_must_be_the_other_way_round(labels, share, said):
    verdict = judge(Facing(LEFT, PAIRS, 8.0, 3, share), start(points(*labels)))
    if said is None:
        assert verdict.holds
        assert verdict.doubted == ()
        return
    (finding,) = verdict.findings
    assert (finding.kind, dict(finding.values)) == (
        "turned along x", {"wrong": said[0], "compared": said[1]},
    )  # fmt: skip
    assert set(verdict.doubted) == set(labels)


def test_too_few_places_say_nothing():
    verdict = judge(Facing(LEFT, PAIRS[:2], 8.0, 3, 0.8), start(points(2, 1, 4, 3)))
    assert verdict.missing == "fewer than 3 places can be compared"


def test_a_small_difference_says_nothing():
    context = start(points(2, 1, 4, 3, 6, 5))
    assert judge(Facing(LEFT, PAIRS, 10.0, 3, 0.8), context).findings
    assert judge(Facing(LEFT, PAIRS, 10.1, 3, 0.8), context).missing


def test_sides_are_those_of_a_plane_of_the_whole_case():
    level = LevelAnchor("middle", (9,), 1, (1.0, 0.0, 0.0))
    expect = Facing((1.0, 0.0, 0.0), (), 8.0, 2, 1.0, anchor=0, positive=(1,), negative=(2,))
    assert judge(expect, start(points(2, 0, 9, 0, 1), (level,))).findings
    assert judge(expect, start(points(1, 0, 9, 0, 2), (level,))).holds


def test_sides_that_a_plane_gave_say_nothing():
    level = LevelAnchor("middle", (9,), 1, (1.0, 0.0, 0.0))
    follows = (Follows((1,), (2,)), Follows((3,), (4,)))
    expect = Facing(LEFT, follows, 8.0, 1, 0.8, anchor=0, positive=(2,), negative=(1,))
    context = start(points(4, 1, 9, 2, 3), (level,))
    assert judge(expect, context).holds
    (finding,) = judge(expect, replace(context, divided=frozenset({1, 2}))).findings
    assert (finding.labels, dict(finding.values)["compared"]) == ((3, 4), 1.0)


def test_the_finding_in_words():
    verdict = judge(Facing(LEFT, PAIRS[:3], 8.0, 3, 0.8), start(points(2, 1, 4, 3, 6, 5)))
    names = {label: f"s{label}" for label in range(1, 7)}
    assert finding_texts(verdict.findings, names, sentences()) == (
        "s1, s2, s3, s4, s5 and 1 more: left and right are exchanged: 3 of 3 places that can be"
        " compared lie the other way round",
    )
