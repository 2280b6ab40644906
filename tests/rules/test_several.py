"""Rules that expect several things."""

from __future__ import annotations

from vesalius.engine import kinds as s

TESTS = (
    "  tests:\n"
    "    - {name: a, key: {l: liver}, before: l, after: ., outcome: changed}\n"
    "    - {name: b, key: {l: liver}, before: l, outcome: holds}\n"
)


def test_each_is_a_step_and_the_repair_belongs_to_one(lower):
    body = (
        "- id: areas/x\n  summary: x\n  for: liver\n"
        "  expect:\n    - present\n    - {volume_ratio: {to: spleen, at_least: 1}}\n"
        "    - {components: {at_most: 1}}\n"
        "  repair: {keep: largest, rest: background}\n"
    )
    lowered = lower(body + TESTS, "liver", "spleen")
    expects = [type(step.expect) for step in lowered.steps]
    assert expects == [s.Present, s.VolumeRatio, s.Pieces]
    assert [step.repair for step in lowered.steps] == [None, None, s.Into(0)]
    assert {step.rule for step in lowered.steps} == {"areas/x"}


def test_for_may_be_meant_by_one_of_them(lower):
    body = (
        "- id: areas/x\n  summary: x\n  for: liver\n  per: voxel\n"
        "  expect:\n    - {ordered: [liver, spleen], direction: left}\n"
        "    - {within: {right_of: midline}, share: 0.5}\n"
    )
    space = ("liver", "spleen", "vertebrae_C1", "vertebrae_T1")
    steps = lower(body, *space).steps
    assert steps[0].expect == s.Ordered((1, 2), (-1.0, 0.0, 0.0))
    assert steps[1].expect.labels == (1,)
    assert steps[1].expect.per == "voxel"
