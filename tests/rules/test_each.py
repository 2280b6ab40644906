"""Rules with `each`: one turn for each side, or each member of a sequence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vesalius.engine import kinds as s
from vesalius.engine.plan.plan import PlaneAnchor
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.each import turns_of
from vesalius.rules.library import parse_pack

DOWN = (0.0, 0.0, -1.0)


def steps(lower, body, *space):
    """Lower one rule; give its expectations and what they were lowered from."""
    lowered = lower(f"- id: areas/x\n  summary: x\n  {body}\n", *space)
    assert {step.rule for step in lowered.steps} <= {"areas/x"}
    return [step.expect for step in lowered.steps], lowered


def test_a_name_of_both_sides_means_that_of_the_side(lower):
    body = "each: side\n  for: gluteus_medius\n  expect: {touches: [hip, sacrum], gap_mm: 20}"
    space = ("gluteus_medius_left", "gluteus_medius_right", "hip_left", "hip_right", "sacrum")
    found, _ = steps(lower, body, *space)
    assert found == [s.Touching((1,), (3, 5), 20), s.Touching((2,), (4, 5), 20)]


def test_a_selector_picks_no_structure_of_the_other_side(lower):
    body = (
        "each: side\n  for: {is_a: kidney, side: [left, right]}\n"
        "  expect: {touches: {any: [{is_a: hip, not: {side: none}}, liver]}}"
    )
    space = ("kidney_right", "kidney_left", "hip_right", "hip_left", "liver")
    found, _ = steps(lower, body, *space)
    assert found == [s.Touching((2,), (5, 4)), s.Touching((1,), (5, 3))]


def test_lists_and_sequences_are_those_of_the_side(lower):
    space = ("femur_right", "femur_left", "hip_left", "hip_right")
    femur = "{is_a: femur, side: [left, right]}"
    body = f"each: side\n  expect: {{ordered: [hip, {femur}], direction: inferior}}"
    found, _ = steps(lower, body, *space)
    assert found == [s.Ordered((3, 2), DOWN), s.Ordered((4, 1), DOWN)]
    space = tuple(f"rib_{side}_{n}" for side in ("right", "left") for n in range(1, 4))
    found, _ = steps(lower, "each: side\n  expect: {contiguous: ribs}", *space)
    sides = ((4, 5, 6), (1, 2, 3))
    assert found == [s.Contiguous(side, speck_share=0.01) for side in sides]


def test_what_stands_on_no_side_is_judged_for_both(lower):
    body = "each: side\n  for: sternum\n  expect: {touches: clavicula}"
    space = ("sternum", "clavicula_left", "clavicula_right")
    found, _ = steps(lower, body, *space)
    assert found == [s.Touching((1,), (2,)), s.Touching((1,), (3,))]


def test_the_own_side_of_a_plane(lower):
    body = "each: side\n  for: kidney\n  expect: {within: {own_side_of: midline}}"
    space = ("kidney_left", "kidney_right", "vertebrae_C1", "vertebrae_T1")
    found, lowered = steps(lower, body, *space)
    assert isinstance(lowered.anchors[0], PlaneAnchor)
    # The plane faces left.
    regions = [expect.region for expect in found]
    assert regions == [(s.Condition(0, True),), (s.Condition(0, False),)]


def test_conditions_and_repairs_are_those_of_the_side(lower):
    body = (
        "each: side\n  for: kidney\n  when: {present: hip}\n  expect: absent\n"
        "  repair: {move_to: adrenal_gland}\n"
        "  tests:\n    - {name: a, key: {k: kidney_left}, before: k, after: ., outcome: changed}\n"
        "    - {name: b, key: {k: kidney_left}, before: k, outcome: skipped}"
    )
    space = tuple(f"{n}_{side}" for n in ("kidney", "hip", "adrenal_gland")
                  for side in ("left", "right"))  # fmt: skip
    _, lowered = steps(lower, body, *space)
    guards = [step.guard for step in lowered.steps]
    assert guards == [s.Seen((3,), all_of=False), s.Seen((4,), all_of=False)]
    assert [step.repair for step in lowered.steps] == [s.Into(5), s.Into(6)]
    assert [step.writes for step in lowered.steps] == [(1, 5), (2, 6)]


def test_neighbours_in_the_sequence_itself(lower):
    body = "each: vertebrae\n  expect: {touches: [previous, next], gap_mm: 10}"
    space = ("vertebrae_T11", "vertebrae_T12", "vertebrae_T13", "vertebrae_L1", "sacrum")
    found, _ = steps(lower, body, *space)
    # T13 lies between T12 and L1 in the few who have it; it is a partner and is not judged.
    assert found == [
        s.Touching((1,), (2,), 10),
        s.Touching((2,), (1, 3, 4), 10),
        s.Touching((4,), (2, 3), 10),
    ]


@pytest.mark.parametrize(
    ("rib", "vertebrae"),
    [
        (1, ["C7", "T1", "T2"]),
        (2, ["T1", "T2", "T3"]),
        (11, ["T10", "T11", "T12"]),
        (12, ["T11", "T12", "L1"]),
    ],
)
@pytest.mark.parametrize("kind", ["rib_left_{}", "rib_right_{}", "rib_{}"])
def test_neighbours_in_a_sequence_that_runs_beside(rib, vertebrae, kind, lower):
    space = [f"vertebrae_{part}{n}" for part, count in (("C", 7), ("T", 12), ("L", 5))
             for n in range(1, count + 1)]  # fmt: skip
    space = [kind.format(rib), *space]
    body = "each: ribs\n  expect: {touches: {vertebrae: [previous, same, next]}, gap_mm: 40}"
    found, _ = steps(lower, body, *space)
    (touching,) = found
    assert touching.labels == (1,)
    assert [space[label - 1] for label in touching.others] == [f"vertebrae_{v}" for v in vertebrae]


def test_a_member_of_one_side_has_neighbours_of_that_side(lower):
    space = ("rib_left_1", "rib_left_2", "rib_right_1", "rib_right_2", "rib_2", "rib_1")
    body = "each: ribs\n  expect: {touches: {ribs: [previous, next]}}"
    found, _ = steps(lower, body, *space)
    assert {(e.labels, e.others) for e in found} == {
        ((1,), (2,)), ((2,), (1,)), ((3,), (4,)), ((4,), (3,)),
        # A source that does not part the sides may have its neighbours on either.
        ((6,), (2, 4)), ((5,), (1, 3)),
    }  # fmt: skip


def test_a_vertebra_has_ribs_of_both_sides_beside_it(lower):
    space = ("vertebrae_C7", "vertebrae_T1", "vertebrae_L1", "rib_left_1", "rib_right_1")
    found, _ = steps(lower, "each: vertebrae\n  expect: {touches: {ribs: same}}", *space)
    assert found == [s.Touching((2,), (4, 5))]


def test_neighbours_in_a_list(lower):
    space = ("vertebrae_L1", "vertebrae_L2", "rib_left_1", "rib_left_2", "vertebrae_T1")
    body = "each: vertebrae\n  expect: {ordered: [same, next], direction: inferior}"
    found, _ = steps(lower, body, *space)
    assert found == [s.Ordered((1, 2), DOWN)]


def test_every_end_of_a_sequence_has_a_turn(ontology):
    turns = turns_of("vertebrae", ontology)
    assert [turn.member for turn in turns][::23] == ["vertebrae_C1", "vertebrae_L5"]
    assert len(turns_of("ribs", ontology)) == 36
    assert turns_of("ribs_left", ontology) == turns_of("ribs", ontology)[:12]


def test_what_one_side_lacks_is_told_once(lower):
    body = "each: side\n  for: kidney\n  expect: {touches: hip}"
    _, lowered = steps(lower, body, "kidney_left", "hip_left", "kidney_right")
    assert [step.expect.labels for step in lowered.steps] == [(1,)]
    (problem,) = lowered.diagnostics
    assert problem.code == "RUL022"
    assert "only in part" in problem.message
    assert "hip_right" in problem.message


def test_sequences_that_do_not_run_side_by_side(ontology, anchors, golden):
    apart = {name: replace(s, first_beside=None) for name, s in ontology.sequences.items()}
    text = (
        "schema: rules/1\npack: p\nabout: A test.\nphases: [areas]\nrules:\n"
        "  - {id: areas/x, summary: x, each: ribs, expect: {touches: {vertebrae: same}}}\n"
    )
    document = parse_document(text, "p.yaml")
    _, problems = parse_pack(document, replace(ontology, sequences=apart), anchors)
    assert [problem.code for problem in problems] == ["RUL027"]
    golden("RUL027", problems)
