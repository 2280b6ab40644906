"""What stands around an expectation, against steps written by hand: guards, places, choice."""

from __future__ import annotations

import pytest
from lowering import GONADS, KL, KR, LEFT, LIVER, SPACE, SPLEEN, UP, one

from vesalius.engine import kinds as s
from vesalius.engine.plan.plan import BoxAnchor, LevelAnchor, PlaneAnchor

GUARDS = [
    ("{case: {sex: male}}", s.MetadataIs("sex", ("male",))),
    ("{case: {age: [3, 4.5]}}", s.MetadataIs("age", ("3", "4.5"))),
    ("{present: liver}", s.Seen((LIVER,), all_of=False)),
    (
        "{present: [liver, {name: [kidney_left, kidney_right]}]}",
        s.AllOf((s.Seen((LIVER,), all_of=False), s.Seen((KL, KR), all_of=False))),
    ),
    ("{absent: [liver, spleen]}", s.Not(s.Seen((LIVER, SPLEEN), all_of=False))),
    ("{absent: pancreas}", s.Not(s.Seen((), all_of=False))),
    ("{uncut: liver, image: true}", s.AllOf((s.Uncut((LIVER,)), s.HasImage()))),
    ("{image: false}", s.Not(s.HasImage())),
    (
        "{order: {of: [liver, {is_a: kidney}], direction: inferior}}",
        s.Ahead((KL, KR), (LIVER,), (0.0, 0.0, -1.0)),
    ),
    ("{not: {case: {sex: male}}}", s.Not(s.MetadataIs("sex", ("male",)))),
    (
        "{any: [{image: true}, {present: liver}]}",
        s.AnyOf((s.HasImage(), s.Seen((LIVER,), all_of=False))),
    ),
]


@pytest.mark.parametrize(("when", "guard"), GUARDS)
def test_guards(when, guard, lower):
    step, _ = one(lower, f"for: liver\n  when: {when}\n  expect: present")
    assert step.guard == guard


def test_the_frame_of_a_step(lower):
    step, _ = one(
        lower,
        "for: liver\n  expect: absent\n  severity: warning\n  safety: unsafe\n  exclude: true\n"
        "  on_missing: fail\n  repair: remove",
    )
    assert (step.rule, step.severity, step.safety) == ("areas/x", "warning", "unsafe")
    assert (step.exclude, step.on_missing) == (True, "fail")


def test_a_rule_acts_where_what_it_needs_has_a_name(lower):
    rule = "  - {id: areas/x, summary: X., for: liver, needs: spleen, expect: absent}\n"
    assert len(lower(rule, "liver", "spleen").steps) == 1
    without = lower(rule, "liver", "kidney_left")
    assert without.steps == ()
    assert [idle.reason for idle in without.idle] == ["no source and no target yields spleen"]


REGIONS = [
    ("{above: liver}", (s.Condition(0, True),), [("centre of liver, superior", UP)]),
    ("{below: liver}", (s.Condition(0, False),), [("centre of liver, superior", UP)]),
    ("{right_of: liver}", (s.Condition(0, False),), [("centre of liver, left", LEFT)]),
    ("{behind: liver}", (s.Condition(0, False),), [("centre of liver, anterior", (0.0, 1.0, 0.0))]),
    ("{not: {in_front_of: liver}}", (s.Condition(0, False),),
     [("centre of liver, anterior", (0.0, 1.0, 0.0))]),
]  # fmt: skip


@pytest.mark.parametrize(("where", "region", "levels"), REGIONS)
def test_structures_as_places(where, region, levels, lower):
    step, lowered = one(lower, f"for: gonads\n  where: {where}\n  expect: absent")
    assert step.expect.region == region
    assert [(a.token, a.direction) for a in lowered.anchors] == levels
    assert lowered.anchors[0] == LevelAnchor(
        levels[0][0], (LIVER,), 1, levels[0][1], combine="mean"
    )
    assert step.reads == (LIVER, GONADS)


def test_anchors_are_shared_and_resolved(lower):
    rules = """
        - {id: areas/a, summary: a, for: gonads, where: {inside: right_of_head}, expect: absent}
        - {id: areas/b, summary: b, for: liver, where: {not: {above: head_base}, outside: belly},
           expect: absent}
    """
    space = (*SPACE, "vertebrae_C1", "vertebrae_T1", "vertebrae_C6", "vertebrae_C7")
    lowered = lower(rules, *space)
    first, second = lowered.steps
    assert first.expect.region == (s.Condition(0, False), s.Condition(1, True))
    assert second.expect.region == (s.Condition(2, False), s.Condition(1, False))
    assert lowered.anchors == (
        PlaneAnchor("midline", (7, 8), 2, LEFT, 25, 20, (0.0, 1.0, 0.0)),
        LevelAnchor("head_base", (9, 10), 2, UP, "centre", "mean"),
        BoxAnchor("belly", (KL, KR), 1, (10, 0, 0), (0, 0, 40)),
    )
    assert first.reads == (GONADS, 7, 8, 9, 10)
    assert lowered.diagnostics == ()


def test_only_some_rules(read, ontology, anchors):
    from vesalius.rules.compile.lower_rules import compile_rules

    pack, _ = read(
        "- {id: areas/a, summary: a, for: liver, expect: present}\n"
        "- {id: areas/b, summary: b, for: liver, expect: present}\n"
    )
    lowered = compile_rules(pack, ontology, anchors, {"liver": 1}, only={"areas/b"})
    assert [step.rule for step in lowered.steps] == ["areas/b"]
