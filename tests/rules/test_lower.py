"""Every form of rule against steps written by hand."""

from __future__ import annotations

import pytest

from vesalius.engine import kinds as s
from vesalius.engine.plan.plan import BoxAnchor, LevelAnchor, PlaneAnchor

UP, DOWN, LEFT = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0), (-1.0, 0.0, 0.0)

SPACE = ("kidney_left", "kidney_right", "liver", "gonads", "spleen", "brain")
KL, KR, LIVER, GONADS, SPLEEN, BRAIN = range(1, 7)
KIDNEYS = "for: [kidney_left, kidney_right]"


def one(lower, body, *space):
    """Lower one rule to its only step."""
    lowered = lower(f"- id: areas/x\n  summary: x\n  {body}\n", *(space or SPACE))
    (step,) = lowered.steps
    return step, lowered


EXPECTATIONS = [
    ("for: liver\n  expect: absent", s.Absent((LIVER,))),
    (
        "for: liver\n  per: voxel\n  expect: {absent: {at_most_ml: 2}}",
        s.Absent((LIVER,), (), "voxel", 2),
    ),
    (f"{KIDNEYS}\n  expect: present", s.Present((KL, KR), all_of=True)),
    (f"{KIDNEYS}\n  expect: {{present: some}}", s.Present((KL, KR), all_of=False)),
    (f"{KIDNEYS}\n  expect: {{present: all, fewest: 1}}", s.Present((KL, KR), True, 1)),
    (
        "for: liver\n  expect: {components: {at_most: 1, connectivity: 26},"
        " spare: {smaller_than_ml: 0.5}}",
        s.Pieces((LIVER,), 1, None, connectivity=26, ignore_below_ml=0.5),
    ),
    (
        f"{KIDNEYS}\n  expect: {{components: {{at_least: 1, at_most: 2, together: true}}}}",
        s.Pieces((KL, KR), 2, 1, joint=True),
    ),
    (
        "for: liver\n  expect: {components: {at_most: 1}, only: {share_of_largest: {at_least: 0.1,"
        " at_most: 0.25}, touches: {share: 0.4}}, spare: {near: {of: kept, mm: 15}, lone: true,"
        " cut: {mm: 4}}}",
        s.Pieces(
            (LIVER,),
            1,
            at_least_share=0.1,
            at_most_share=0.25,
            spare_near_mm=15,
            spare_lone=True,
            spare_border_mm=4,
            touching_share=0.4,
        ),
    ),
    (
        "for: liver\n  expect: {components: {at_most: 1}, spare: {near: {of: [brain, spleen],"
        " mm: 15}}}",
        s.Pieces((LIVER,), 1, spare_near_to=s.NearTo((SPLEEN, BRAIN), 15)),
    ),
    (
        "for: liver\n  expect: {absent: {at_most_ml: 0}, only: {near: {of: spleen, mm: 4}},"
        " spare: {near: {of: brain, mm: 2}}}",
        s.Absent(
            (LIVER,),
            meant=s.Meant(near=s.NearTo((SPLEEN,), 4), spare_near=s.NearTo((BRAIN,), 2)),
        ),
    ),
    (
        f"{KIDNEYS}\n  expect: {{on_own_side: midline,"
        " only: {sure: true, near: {of: spleen, mm: 15}}}",
        s.OnOwnSide(((KL, KR),), 0, leave_unsure=True, near_to=s.NearTo((SPLEEN,), 15)),
    ),
    (
        f"{KIDNEYS}\n  expect: {{undivided: {{connectivity: 6}},"
        " spare: {smaller_than_ml: 0.5, cut: true}}",
        s.Undivided((KL, KR), ignore_below_ml=0.5, skip_cut=True),
    ),
    (
        f"{KIDNEYS}\n  expect: {{ordered: mirror, tolerance_mm: 2}}",
        s.Ordered((KR, KL), (-1.0, 0.0, 0.0), 2),
    ),
    (f"{KIDNEYS}\n  expect: {{on_own_side: midline}}", s.OnOwnSide(((KL, KR),), 0)),
    (
        f"{KIDNEYS}\n  expect: {{on_own_side: midline, only: {{sure: true}}}}",
        s.OnOwnSide(((KL, KR),), 0, leave_unsure=True),
    ),
    (
        f"{KIDNEYS}\n  expect: {{on_own_side: midline,"
        " only: {sure: true, near: {of: mirror, mm: 15}},"
        " also: {mirror_image: {mm: 40}}, spare: {unswapped: kidney_left}}",
        s.OnOwnSide(
            ((KL, KR),),
            0,
            leave_unsure=True,
            near_mirror_mm=15,
            images_mm=40,
            whole_only=(KL,),
        ),
    ),
    (
        "for: kidney_right\n  per: voxel\n  expect: {on_own_side: midline, whole_share: 0.8}",
        s.OnOwnSide(((KL, KR),), 0, "voxel", 0.8),
    ),
    (
        "for: brain\n  expect: {within: head, share: 0.9}",
        s.Located((BRAIN,), (s.Condition(0, True),), inside=True, share=0.9),
    ),
    (
        "for: liver\n  per: voxel\n  expect: {outside: {above: head_base, inside: belly}}",
        s.Located(
            (LIVER,), (s.Condition(0, True), s.Condition(1, True)), inside=False, per="voxel"
        ),
    ),
    (
        "for: liver\n  expect: {touches: [spleen, brain], gap_mm: 15}",
        s.Touching((LIVER,), (SPLEEN, BRAIN), 15),
    ),
    ("for: liver\n  expect: {inside: spleen, share: 0.5}", s.Enclosed((LIVER,), (SPLEEN,), 0.5)),
    (
        f"{KIDNEYS}\n  expect: {{volume_ml: {{at_least: 30, together: true}}}}",
        s.Volume((KL, KR), 30, None, joint=True),
    ),
    (
        "for: liver\n  expect: {volume_ratio: {to: spleen, at_least: 2, at_most: 20}}",
        s.VolumeRatio((LIVER,), (SPLEEN,), 2, 20),
    ),
    ("for: liver\n  expect: {hu: {at_most: 200}}", s.MeanHu((LIVER,), None, 200)),
    (
        f"{KIDNEYS}\n  expect: {{symmetric: {{at_least: 0.5, at_most: 2}}}}",
        s.VolumeRatio((KL,), (KR,), 0.5, 2),
    ),
    ("for: liver\n  expect: {holes: {at_most_ml: 0.1}}", s.Filled((LIVER,), 0.1)),
    (
        f"{KIDNEYS}\n  expect: {{agrees: {{anchor: midline, direction: superior, expected: 2, "
        "sides: false}}",
        s.Agrees((KL, KR), 0, UP, 2, sides=False),
    ),
    ("expect: {plausible: midline}", s.Plausible(0)),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), EXPECTATIONS)
def test_expectation(body, expected, lower, ontology):
    # Ontology order, not the order written, numbers what a selector picks.
    step, _ = one(lower, body)
    assert type(step.expect) is type(expected)
    assert _sorted(step.expect) == _sorted(expected)
    assert step.repair is None
    assert step.writes == ()


def _sorted(expect):
    """The fields, with sets of labels without order."""
    unordered = ("labels", "others", "by")
    return {
        name: sorted(value) if name in unordered else value for name, value in vars(expect).items()
    }


SPINE = ("vertebrae_T11", "vertebrae_T12", "vertebrae_L1", "vertebrae_T13", "sacrum")


def test_a_sequence_gives_order_and_direction(lower):
    step, _ = one(
        lower,
        "expect: {ordered: vertebrae, step_mm: {at_least: 5, at_most: 60}, tolerance_mm: 2}",
        *SPINE,
    )
    assert step.expect == s.Ordered((1, 2, 4, 3), DOWN, 2, 5, 60)
    step, _ = one(
        lower,
        "expect: {ordered: [sacrum, vertebrae_L1], direction: superior, spare: {cut: false}}",
        *SPINE,
    )  # fmt: skip
    assert step.expect == s.Ordered((5, 3), UP, skip_cut=False)


def test_variants_may_be_missing(lower):
    step, _ = one(lower, "expect: {contiguous: vertebrae}", *SPINE)
    assert step.expect == s.Contiguous((1, 2, 4, 3), (4,), speck_share=0.01)


def test_a_chain_that_is_numbered(lower):
    step, _ = one(
        lower,
        "expect: {numbered: {sequence: vertebrae, may_lack: vertebrae_T12, clear_mm: 8}}\n"
        "  repair: renumber",
        *SPINE,
    )
    assert step.expect == s.Numbered((1, 2, 4, 3), DOWN, (4,), (2,), 8)
    assert isinstance(step.repair, s.AsCounted)
    assert set(step.writes) == {1, 2, 3, 4}


def test_variants_in_a_list_stay_variants(lower):
    step, _ = one(
        lower,
        "expect: {contiguous: [vertebrae_T12, vertebrae_T13, vertebrae_L1, sacrum]}",
        *SPINE,
    )
    assert step.expect == s.Contiguous((2, 4, 3, 5), (4,), speck_share=0.01)


def test_a_list_may_name_a_sequence(lower):
    step, _ = one(lower, "expect: {contiguous: [vertebrae, sacrum]}", *SPINE)
    assert step.expect == s.Contiguous((1, 2, 4, 3, 5), (4,), speck_share=0.01)


def test_a_step_is_counted_in_those_that_are_ordered(lower):
    spine = "[vertebrae_T11, vertebrae_T12, vertebrae_L1]"
    body = "expect: {{ordered: {}, direction: inferior, step: {{{}at_least: 0.5}}}}"
    short, _ = one(lower, body.format(spine, ""), *SPINE)
    long, _ = one(lower, body.format(spine, f"median_of: {spine}, "), *SPINE)
    assert short.expect == long.expect
    assert short.expect.unit == (1, 2, 3)


RIBS = tuple(f"rib_{side}_{n}" for side in ("left", "right") for n in range(1, 13))


@pytest.mark.parametrize(("direction", "vector"), [("", DOWN), (", direction: superior", UP)])
def test_counting_takes_no_variants(lower, direction, vector):
    body = (
        f"expect: {{counted: {{left: ribs_left, right: ribs_right, anchor: midline{direction}}}}}"
        "\n  repair: renumber"
    )
    step, _ = one(lower, body, *RIBS, "rib_left_13", "rib_right_13")
    assert step.expect == s.Counted(tuple(range(1, 13)), tuple(range(13, 25)), 0, vector)
    assert step.repair == s.AsCounted()
    assert step.writes == tuple(range(1, 25))


def test_counting_needs_every_number(lower):
    body = (
        "- id: areas/x\n  summary: x\n"
        "  expect: {counted: {left: ribs_left, right: ribs_right, anchor: midline}}\n"
    )
    lowered = lower(body, *RIBS[:-1])
    assert lowered.steps == ()
    assert lowered.idle[0].rule == "areas/x"
    assert "rib_right_12" in lowered.idle[0].reason


@pytest.mark.parametrize("attribute", ["volume_ml", "hu"])
def test_declared_ranges_give_a_step_for_each_range(lower, ontology, attribute):
    body = f"{KIDNEYS[:-1]}, liver]\n  expect: {{{attribute}: declared}}"
    lowered = lower(f"- id: areas/x\n  summary: x\n  {body}\n", *SPACE)
    found = {}
    for step in lowered.steps:
        assert step.rule == "areas/x"
        values = vars(step.expect)
        low = values.get("at_least_ml", values.get("at_least_hu"))
        high = values.get("at_most_ml", values.get("at_most_hu"))
        found |= {SPACE[label - 1]: (low, high) for label in step.expect.labels}
    declared = {name: tuple(ontology.get(name, attribute)) for name in SPACE[:3]}
    assert found == declared
    assert len(lowered.steps) == len(set(declared.values()))


def test_symmetry_is_judged_pair_by_pair(lower):
    body = "for: {side: [left, right]}\n  expect: {symmetric: {at_least: 0.5}}"
    space = ("kidney_right", "kidney_left", "hip_left", "hip_right", "femur_left")
    lowered = lower(f"- id: areas/x\n  summary: x\n  {body}\n", *space)
    pairs = {(step.expect.labels, step.expect.others) for step in lowered.steps}
    assert pairs == {((2,), (1,)), ((3,), (4,))}


PIECES = "for: liver\n  expect: {components: {at_most: 1}}\n  repair: "
GONE = "for: gonads\n  expect: absent\n  repair: "

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


def test_only_some_rules(read, ontology, anchors):
    from vesalius.rules.compile.lower_rules import compile_rules

    pack, _ = read(
        "- {id: areas/a, summary: a, for: liver, expect: present}\n"
        "- {id: areas/b, summary: b, for: liver, expect: present}\n"
    )
    lowered = compile_rules(pack, ontology, anchors, {"liver": 1}, only={"areas/b"})
    assert [step.rule for step in lowered.steps] == ["areas/b"]


def test_a_group_that_is_there_in_part_is_no_news(lower):
    lowered = lower(
        "- {id: areas/x, summary: x, for: {components: one}, expect: present}\n", "liver"
    )
    assert lowered.diagnostics == ()
    assert lowered.steps[0].expect.labels == (1,)


def test_one_bound_of_a_pair_stands_for_both_sides(lower):
    body = "for: kidney_left\n  expect: {{symmetric: {{{}}}}}"
    step, _ = one(lower, body.format("at_least: 0.4"))
    assert step.expect == s.VolumeRatio((KL,), (KR,), 0.4, 2.5)
    step, _ = one(lower, body.format("at_most: 4"))
    assert step.expect == s.VolumeRatio((KL,), (KR,), 0.25, 4)


@pytest.mark.parametrize(
    ("name", "times"), [("hip", 2), ("kidney", 2), ("hip_left", 1), ("lung", 1), ("liver", 1)]
)
def test_both_sides_in_one_may_be_twice_what_one_side_declares(lower, ontology, name, times):
    """Hip bones declare what each has, lungs what both have."""
    step, _ = one(lower, f"for: [{name}]\n  expect: {{volume_ml: declared}}", name)
    low, high = ontology.get(name, "volume_ml")
    assert (step.expect.at_least_ml, step.expect.at_most_ml) == (low, times * high)
