"""Figures that a rule or an anchor may write, and what they are where it writes none."""

from __future__ import annotations

from vesalius.engine import kinds as s
from vesalius.rules.defaults import default

RIBS = tuple(f"rib_{side}_{n}" for side in ("left", "right") for n in range(1, 13))
SPINE = tuple(f"vertebrae_T{n}" for n in range(1, 8))


def only(lower, body, *space):
    (step,) = lower(f"- id: areas/x\n  summary: x\n  {body}\n", *space).steps
    return step.expect


def test_of_own_sides(lower):
    body = (
        "for: {{is_a: kidney}}\n"
        "  expect: {{on_own_side: midline, only: {{sure: true}},"
        " also: {{mirror_image: {{mm: 20{}}}}}}}"
    )
    space = ("kidney_left", "kidney_right", "vertebrae_C1", "vertebrae_T1")
    assert only(lower, body.format(", like_share: 0.7"), *space).like_share == 0.7
    assert only(lower, body.format(""), *space).like_share == 0.5


def test_of_counts(lower):
    body = (
        "expect: {{counted: {{left: ribs_left, right: ribs_right, anchor: midline,"
        " clear_mm: 12{}}}}}"
    )
    space = (*RIBS, "vertebrae_C1", "vertebrae_T1")
    found = only(lower, body.format(", whole_share: 0.8, like_share: 0.7, image_reach: 3"), *space)
    assert (found.whole_share, found.like_share, found.image_reach) == (0.8, 0.7, 3)
    found = only(lower, body.format(""), *space)
    assert (found.whole_share, found.like_share, found.image_reach) == (0.9, 0.6, 2)


def test_of_chains(lower):
    body = "expect: {{numbered: {{sequence: vertebrae{}}}}}"
    written = ", body_share: 0.6, fewest: 6, step: {at_least: 0.7, at_most: 1.4, around: 3}"
    found = only(lower, body.format(written), *SPINE)
    assert found == s.Numbered(found.labels, found.direction, (), (), 0.0, 6, 0.6, 6, 0.7, 1.4, 3)
    plain = only(lower, body.format(""), *SPINE)
    assert plain == s.Numbered(found.labels, found.direction, (), (), 0.0, 6, 0.5, 4, 0.6, 1.5, 4)
    few = lower(f"- id: areas/x\n  summary: x\n  {body.format(', fewest: 9')}\n", *SPINE)
    assert few.steps == ()


def test_of_planes(read_anchors):
    plane = (
        "a: {{about: x, kind: plane, through: [sternum, vertebrae_T1], at_least: 2, toward: left,"
        " implausible: {{tilt_deg: 9, residual_mm: 5}}{}}}\n"
    )
    assert read_anchors(plane.format(", outlier_factor: 4"))["a"].outlier_factor == 4
    assert read_anchors(plane.format(""))["a"].outlier_factor == default("outlier_factor") == 3
