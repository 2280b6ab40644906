"""Every form of repair and derivation against steps written by hand."""

from __future__ import annotations

import pytest
from lowering import BRAIN, GONADS, GONE, KIDNEYS, KL, KR, LIVER, SPINE, SPLEEN, UP, one

from vesalius.engine import kinds as s

PIECES = "for: liver\n  expect: {components: {at_most: 1}}\n  repair: "

REPAIRS = [
    (GONE + "remove", s.Into(0), (GONADS,)),
    (GONE + "{move_to: brain}", s.Into(BRAIN), (GONADS, BRAIN)),
    (GONE + "{move_to: background}", s.Into(0), (GONADS,)),
    (
        GONE + "{move_to: surrounding}",
        s.IntoSurrounding(background=True),
        (1, 2, 3, 4, 5, 6),
    ),
    (
        GONE + "{move_to: {touching: {never: [liver, spleen], otherwise: brain}}}",
        s.IntoSurrounding(BRAIN, False, (LIVER, SPLEEN)),
        (KL, KR, GONADS, BRAIN),
    ),
    (
        GONE + "{move_to: {left: kidney_left, right: kidney_right}}",
        s.IntoSides(0, KL, KR),
        (KL, KR, GONADS),
    ),
    (
        GONE + "{move_to: {where: [{above: head_base, to: brain}, {left_of: midline, to: spleen}], "
        "otherwise: liver}}",
        s.IntoRegions(
            (
                ((s.Condition(0, True),), s.Into(BRAIN)),
                ((s.Condition(1, True),), s.Into(SPLEEN)),
            ),
            s.Into(LIVER),
        ),
        (LIVER, GONADS, SPLEEN, BRAIN),
    ),
    (f"{KIDNEYS}\n  expect: {{on_own_side: midline}}\n  repair: swap_side",
     s.IntoOther(((KL, KR),)), (KL, KR)),
    ("for: kidney_left\n  expect: absent\n  repair: {move_to: mirror}",
     s.IntoOther(((KL, KR),)), (KL, KR)),
    (PIECES + "{keep: largest, rest: background}", s.Into(0), (LIVER,)),
    (PIECES + "{keep: largest, rest: touching}",
     s.IntoSurrounding(background=False), (1, 2, 3, 4, 5, 6)),
    (PIECES + "{keep: largest, rest: {owner: {}}}", s.IntoOwner(0.5, 2.0), (1, 2, 3, 4, 5, 6)),
    (
        PIECES + "{keep: largest, rest: {owner: {share: 0.2, times_next: 1, apart_mm: declared, "
        "crumb_ml: 0.4, crumb_mm: 30, ground: brain, never: spleen}}}",
        s.IntoOwner(
            0.2, 1.0, ((LIVER, 40.0),), ((LIVER, 0.4),), 30.0, (BRAIN,), (SPLEEN,)
        ),
        (KL, KR, LIVER, GONADS, BRAIN),
    ),
    (
        f"{KIDNEYS}\n  expect: {{components: {{at_most: 1}}}}\n"
        "  repair: {give_fragments_to_neighbour: {sequence: mirror, spare: {smaller_than_ml: 0.1}, "
        "rest: background}}",
        s.IntoNeighbour(((KL, (KR,)), (KR, (KL,))), 0.1, 6, s.Into(0)),
        (KL, KR),
    ),
    ("for: liver\n  expect: {holes: {at_most_ml: 0}}\n  repair: {fill: self}",
     s.IntoEnclosing(), (LIVER,)),
]  # fmt: skip


@pytest.mark.parametrize(("body", "destination", "writes"), REPAIRS)
def test_repair(body, destination, writes, lower):
    step, _ = one(lower, body)
    assert step.repair == destination
    assert step.writes == writes


def test_fragments_skip_over_variants_that_may_be_missing(lower):
    body = (
        "for: {below: vertebral_column}\n  expect: {components: {at_most: 1}}\n"
        "  repair: {give_fragments_to_neighbour: {sequence: vertebrae, rest: background}}"
    )
    # T11, T12, L1, T13, sacrum are 1..5; T13 stands between T12 and L1.
    step, _ = one(lower, body, *SPINE)
    assert step.repair == s.IntoNeighbour(
        ((1, (2,)), (2, (1, 4, 3)), (4, (2, 3)), (3, (4, 2))), 0.0, 6, s.Into(0)
    )
    body = body.replace("sequence: vertebrae", "sequence: [vertebrae_T12, vertebrae_L1, sacrum]")
    step, _ = one(lower, body, *SPINE)
    assert step.repair.neighbours == ((2, (3,)), (3, (2, 5)), (5, (3,)))


def test_derivations(lower):
    body = (
        "derive: {hu: [350, 3000], where: {above: head_base}, over: [unlabelled, liver], "
        "to: brain, keep_largest: 1}"
    )
    step, _ = one(lower, body)
    assert step.expect is None
    assert step.derive == s.FromHu(BRAIN, 350, 3000, (s.Condition(0, True),), (0, LIVER), 1)
    # What is unlabelled depends on every label.
    assert step.reads == (1, 2, 3, 4, 5, 6)
    assert step.writes == (LIVER, BRAIN)
    step, _ = one(lower, "derive: {hu: [350, 3000], over: liver, to: brain}")
    assert step.reads == step.writes == (LIVER, BRAIN)
    step, _ = one(lower, "derive: {rest_of_body: {to: brain, hu_at_least: -250, opening_mm: 5}}")
    assert step.derive == s.RestOfBody(BRAIN, -250, 5, None)
    assert step.reads == (1, 2, 3, 4, 5, 6)
    assert step.writes == (BRAIN,)
    step, _ = one(lower, "derive: {rest_of_body: {to: brain, cavities: axial}}")
    assert step.derive == s.RestOfBody(BRAIN, -300, 6, UP)


def test_without_its_destination_a_rule_only_reports(lower):
    lowered = lower(
        f"- id: areas/x\n  summary: x\n  {GONE}{{move_to: pancreas}}\n", "gonads", "liver"
    )
    (step,) = lowered.steps
    assert step.repair is None
    assert step.writes == ()


def test_what_the_target_does_not_list_is_part_of_the_rest(read, ontology, anchors):
    from vesalius.rules.compile.lower_rules import compile_rules

    pack, _ = read(
        "- {id: areas/a, summary: a, derive: {rest_of_body: {to: brain, unlisted: true}}}\n"
        "- {id: sides/b, summary: b, derive: {rest_of_body: {to: brain}}}\n"
    )
    labels = {"brain": 1, "liver": 2, "bone": 3}
    lowered = compile_rules(pack, ontology, anchors, labels, unlisted=["bone"])
    first, second = lowered.steps
    assert first.derive == s.RestOfBody(1, -300, 6, None, (3,))
    assert first.writes == (1, 3)
    assert second.derive == s.RestOfBody(1, -300, 6, None)
    assert second.writes == (1,)
