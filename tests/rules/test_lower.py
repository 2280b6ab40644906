"""Every form of expectation against steps written by hand."""

from __future__ import annotations

import pytest
from lowering import BRAIN, DOWN, KIDNEYS, KL, KR, LIVER, SPACE, SPINE, SPLEEN, UP, one

from vesalius.engine import kinds as s

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
