"""`beside`: chains along a backbone, in drawn columns of voxels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.judging.context import start
from vesalius.engine.judging.rungs import Rung, rungs_of
from vesalius.engine.judging.strays import strays_of
from vesalius.engine.kinds import AsCounted, Beside, judge
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.runs.nearest import nearest_labels
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.kinds import sentences
from vesalius.rules.library import parse_pack
from vesalius.rules.places import load_anchors

BACK, LEFT, RIGHT, FOOT, ODD = (1, 2, 3, 4, 5, 6), (11, 12, 13, 14), (21, 22, 23, 24), 30, 31
EXPECT = Beside(BACK, (LEFT, RIGHT), 1, optional=(), spare=(ODD,), foot=(FOOT,), reach=1.2)

# Two names of the backbone are free, so that it could be off as well.
WIDE = Beside((7, *BACK, 8), (LEFT, RIGHT), 2, foot=(FOOT,), reach=1.2)


def draw(back=BACK, left=LEFT, right=RIGHT, foot=None, gap=0, more=()):
    """Draw a backbone every 2 mm upwards, and a bar on each side of all but its ends."""
    array = np.zeros((9, 3, 20), dtype=np.uint8)
    for at, label in enumerate(back):
        array[4, 1, 2 + 2 * at + (gap if at else 0)] = label
    for at in range(4):
        array[1:3, 1, 4 + 2 * at + gap] = left[at]
        array[6:8, 1, 4 + 2 * at + gap] = right[at]
    if foot is not None:
        array[4, 1, foot] = FOOT
    for voxel, label in more:
        array[voxel] = label
    return array


def said(array, expect=EXPECT):
    return judge(expect, start(encode(array, np.eye(4))))


def repaired(array, expect=EXPECT):
    step = Step("r", expect=expect, repair=AsCounted(), writes=tuple(range(1, 32)))
    return decode(run_steps([step], (), encode(array, np.eye(4))).labels)


def off(labels, by):
    """Give each place the label of another place, and 0 where there is none."""
    return [labels[at + by] if 0 <= at + by < len(labels) else 0 for at in range(len(labels))]


@pytest.mark.parametrize("by", [1, -1])
def test_one_side_that_is_off_is_wrong(by):
    array = draw(left=off(LEFT, by))
    truth = draw()
    truth[(array == 0)] = 0
    assert np.array_equal(repaired(array), truth)


def test_what_ends_in_the_name_of_the_last_is_moved_without_the_last():
    """All but the last rib are one off, so that the last two share a name."""
    assert np.array_equal(repaired(draw(right=(22, 23, 24, 24))), draw())


@pytest.mark.parametrize("by", [1, -1])
def test_both_sides_or_the_backbone_nothing_decides(by):
    """Whether the ribs or the vertebrae are off; it is said of both chains, and of the backbone."""
    array = draw(left=off(LEFT, by), right=off(RIGHT, by))
    verdict = said(array, WIDE)
    assert verdict.faults is None
    assert {finding.kind for finding in verdict.findings} == {"one is off"}
    named = [set(finding.labels) for finding in verdict.findings]
    assert any(set(LEFT) & one for one in named)
    assert any(set(BACK) & one for one in named)
    (first, *_) = finding_texts(verdict.findings, {n: f"n{n}" for n in range(40)}, sentences())
    assert "off by 1 from what they lie beside; which of them is wrong cannot be told" in first


def test_the_foot_tells_that_both_sides_are_off():
    array = draw(left=off(LEFT, -1), right=off(RIGHT, -1), foot=13)
    truth = draw(foot=13)
    truth[array == 0] = 0
    assert np.array_equal(repaired(array), truth)


def test_the_foot_tells_that_the_backbone_is_off():
    array = draw(back=off(BACK, -1), foot=13)
    truth = draw(foot=13)
    truth[array == 0] = 0
    assert np.array_equal(repaired(array), truth)


def test_a_foot_that_is_far_tells_nothing():
    array = draw(left=off(LEFT, 1), right=off(RIGHT, 1), foot=16)
    verdict = said(array, WIDE)
    assert verdict.faults is None
    assert verdict.findings


def test_chains_that_are_complete_cannot_be_off():
    """No name is left for the last: the backbone is wrong, although there is no foot."""
    array = draw(back=off(BACK, 1))
    truth = draw()
    truth[array == 0] = 0
    assert np.array_equal(repaired(array), truth)


def test_what_is_parted_from_the_block_keeps_its_name():
    """The first is two steps from the next, which is one off: it is what it says."""
    array = draw(back=[1, *off(BACK, -1)[2:], 6][:6], foot=15, gap=2)
    assert set(np.unique(repaired(array))) >= {1}
    moved = repaired(array) != array
    assert not moved[4, 1, 2]


def test_variants_leave_nothing_proven():
    array = draw(left=off(LEFT, 1), more=[((0, 0, 0), ODD)])
    assert said(array).faults is None
    assert said(array).findings


def test_neighbours_of_one_side_have_changed_places():
    assert np.array_equal(repaired(draw(left=(11, 13, 12, 14))), draw())


def test_what_both_sides_say_alike_is_wrong_elsewhere():
    """The backbone has two that changed places: its own order says so, not the ribs."""
    assert said(draw(back=(1, 2, 4, 3, 5, 6))).holds


@pytest.mark.parametrize(("alike", "told"), [(2, True), (3, False)])
def test_a_row_that_both_sides_have_off_alike_is_told(alike, told):
    """Of each side the third name is not there, and the fourth stands in the third place."""
    left, right = (11, 12, 0, 13), (21, 22, 0, 23)
    array = draw(left=left, right=right)
    array[array == 12], array[array == 22] = 0, 0  # a body where 13 is looked for, one before it
    array[1:3, 1, 6], array[6:8, 1, 6] = 0, 0
    array[1:3, 1, 8], array[6:8, 1, 8] = 12, 22
    verdict = said(array, dataclasses.replace(EXPECT, alike=alike))
    found = [(finding.kind, finding.labels) for finding in verdict.findings]
    assert verdict.faults is None
    assert (
        found
        == [
            ("one is off", (12, 13)),
            ("one is off", (4, 5)),
            ("one is off", (22, 23)),
            ("one is off", (4, 5)),
        ]
        * told
    )


def test_two_bodies_with_one_name():
    assert np.array_equal(repaired(draw(right=(21, 22, 22, 24))), draw())


SIX = Beside(tuple(range(1, 9)), (tuple(range(11, 17)), tuple(range(21, 27))), 1, reach=1.2)


def six(left, right):
    """Draw a backbone of eight, and six bars on each side of all but its ends."""
    array = np.zeros((9, 3, 20), dtype=np.uint8)
    array[4, 1, 2:18:2] = range(1, 9)
    array[1:3, 1, 4:16:2], array[6:8, 1, 4:16:2] = left, right
    return array


ALL_LEFT, ALL_RIGHT = (11, 12, 13, 14, 15, 16), (21, 22, 23, 24, 25, 26)


def test_a_name_that_is_there_twice_pushes_the_others_on():
    """The first two are one off on both sides, so that the third is there twice: it is the ribs."""
    array = six((12, 13, 13, 14, 15, 16), (22, 23, 23, 24, 25, 26))
    assert np.array_equal(repaired(array, SIX), six(ALL_LEFT, ALL_RIGHT))
    array = six((11, 12, 13, 14, 14, 15), (21, 22, 23, 24, 25, 26))
    assert np.array_equal(repaired(array, SIX), six(ALL_LEFT, ALL_RIGHT))


def test_two_that_claim_one_free_name_keep_theirs():
    rungs = [Rung(1, 0, 1), Rung(2, 1, 2), Rung(2, 2, 3, 1), Rung(4, 3, 4), Rung(4, 4, 3, -1)]
    assert strays_of((1, 2, 3, 4), rungs, (1, 2, 4), 3).bodies == {}
    assert strays_of((1, 2, 3, 4), rungs[:3], (1, 2), 3).bodies == {2: 3}


def test_what_is_seen_in_its_place_is_not_pushed_on():
    """The second is at home, so the body too many of the third has no place."""
    array = draw(left=(0, 12, 13, 14), more=[((1, 1, 6), 13), ((2, 1, 6), 0), ((1, 1, 5), 0)])
    assert said(array).holds


@pytest.mark.parametrize("top", [(1, 2, 2, 3, 4, 5), (1, 1, 2, 3, 4, 5)])
def test_a_backbone_moves_as_far_as_a_name_is_there_twice(top):
    """The upper body keeps the name, and so does what lies above it."""
    array = draw(back=top, left=(11, 12, 13, 14), right=(21, 22, 23, 24))
    assert np.array_equal(repaired(array), draw())


def test_a_backbone_moves_no_further_than_what_is_right():
    """The name that two share is one body: neither it nor what lies above it is off."""
    array = six(ALL_LEFT, ALL_RIGHT)
    array[4, 1, 2:18:2] = (1, 2, 3, 3, 4, 5, 6, 7)
    array[4, 1, 7] = 3
    found = said(array, dataclasses.replace(SIX, share=0.6)).findings
    assert [f.labels for f in found] == [(4,), (5,), (6,), (7,)]


@pytest.mark.parametrize(("start", "first"), [(3, 2), (4, 1)])
def test_the_end_that_the_scan_cuts_keeps_its_name(start, first):
    """It may be two, the one of its name and the next one, which the scan does not show apart."""
    truth = six(ALL_LEFT, ALL_RIGHT)[:, :, start:]
    array = truth.copy()
    array[4] = np.where(array[4] > 1, array[4] - 1, 0)
    truth[4, 1, 4 - start] = first
    assert np.array_equal(repaired(array, SIX), truth)


def test_a_small_piece_beyond_the_end_of_a_block_keeps_its_name():
    array = draw(back=(0, 1, 2, 3, 4, 5), foot=14, more=[((4, slice(0, 3), 4), 1)])
    array[4, 1, 2] = 1
    truth = draw(back=(1, 2, 3, 4, 5, 6), foot=14, more=[((4, slice(0, 3), 4), 2)])
    assert np.array_equal(repaired(array), truth)


def test_a_block_moves_on_to_the_name_that_is_free():
    array = six(ALL_LEFT, ALL_RIGHT)
    truth = array.copy()
    array[1:3, 1, 4:] = np.where(array[1:3, 1, 4:] > 13, array[1:3, 1, 4:] - 1, array[1:3, 1, 4:])
    array[1:3, 1, 8] = 0
    truth[1:3, 1, 8] = 0
    # Three of five bodies are off, so most are not in their place; the other side is right.
    assert np.array_equal(repaired(array, SIX), truth)


def test_few_that_meet_one_prove_nothing():
    array = draw(left=(0, 0, 11, 12), right=(0, 0, 0, 24))
    assert "fewer than 3" in (said(array).missing or "")
    assert said(np.zeros((3, 3, 3), dtype=np.uint8)).missing


def test_nearest_labels_are_those_of_all_pairs():
    rng = np.random.default_rng(3)
    for _ in range(30):
        array = rng.choice([0, 0, 0, 1, 2, 3, 4, 5], (5, 4, 6)).astype(np.uint8)
        affine = np.eye(4)
        affine[:3, :3] = np.diag(rng.choice([1.0, 2.0, 0.5], 3))
        whole = encode(array, affine)
        mine = encode(np.where(array > 3, array, 0).astype(np.uint8), affine)
        theirs = encode(np.where(array <= 3, array, 0).astype(np.uint8), affine)
        reach_mm = float(rng.choice([0.5, 1.0, 2.0, 9.0]))
        wanted = {}
        for group in (4, 5):
            away = {
                label: np.linalg.norm(
                    (np.argwhere(array == group)[:, None] - np.argwhere(array == label)[None])
                    * np.diag(affine)[:3],
                    axis=2,
                ).min()
                for label in (1, 2, 3)
                if (array == label).any() and (array == group).any()
            }
            if away and min(away.values()) <= reach_mm:
                wanted[group] = tuple(n for n, mm in away.items() if mm == min(away.values()))
        assert nearest_labels(mine, theirs, reach_mm) == wanted
        assert whole.grid.shape == array.shape


RULE = """\
schema: rules/1
pack: chains
about: What runs beside what.
phases: [chains]
rules:
  - id: chains/ribs
    summary: Ribs lie beside their vertebrae.
    expect: {beside: {sequence: vertebrae, left: ribs_left, right: ribs_right, foot: sacrum}}
    repair: renumber
"""


@pytest.fixture(scope="module")
def ontology():
    return load_ontology()


@pytest.fixture(scope="module")
def anchors(ontology):
    return load_anchors(ontology)


def lowered(ontology, anchors, names):
    pack, _ = parse_pack(parse_document(RULE, "p.yaml"), ontology, anchors)
    return compile_rules(pack, ontology, anchors, {name: n + 1 for n, name in enumerate(names)})


def test_what_is_written_becomes_a_step(ontology, anchors):
    back, left = ontology.sequences["vertebrae"], ontology.sequences["ribs_left"]
    names = [*back.full(), *left.full(), "sacrum"]
    (step,) = lowered(ontology, anchors, names).steps
    expect = step.expect
    assert [names[n - 1] for n in expect.backbone] == list(back.full())
    assert [names[n - 1] for n in expect.chains[0]] == list(left.members)
    assert len(expect.chains) == 1  # no source and no target has the right ribs
    assert back.members[expect.first] == "vertebrae_T1"
    assert [names[n - 1] for n in (*expect.optional, *expect.spare, *expect.foot)] == [
        "vertebrae_T13", "vertebrae_L6", "rib_left_13", "sacrum"
    ]  # fmt: skip


def test_a_chain_that_is_not_all_there_has_no_places(ontology, anchors):
    back, left = ontology.sequences["vertebrae"], ontology.sequences["ribs_left"]
    assert lowered(ontology, anchors, [*back.members, *left.members[1:]]).steps == ()
    assert lowered(ontology, anchors, [*back.members[:9], *back.members[10:]]).steps == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", left: ribs_left, right: ribs_right", "", "`beside`: needs `left` or `right`"),
        ("left: ribs_left", "left: ribs_lef", "unknown sequence `ribs_lef`"),
        ("sequence: vertebrae, left: ribs_left", "sequence: ribs_left, left: vertebrae",
         "nothing says which member of `ribs_left` lies beside the first of it"),
        ("repair: renumber", "repair: remove", "`renumber` and `beside` go together"),
    ],
)  # fmt: skip
def test_what_is_written_wrong(old, new, message, ontology, anchors):
    assert old in RULE
    pack, problems = parse_pack(parse_document(RULE.replace(old, new), "p.yaml"), ontology, anchors)
    found = [problem.message for problem in problems if problem.severity == "error"]
    if pack is not None:
        lower = compile_rules(pack, ontology, anchors, {"liver": 1})
        found += [problem.message for problem in getattr(lower, "diagnostics", ())]
    assert message in found


def test_more_bodies_than_a_label_map_has_labels_are_told_apart():
    # 40 x 41 x 41 single voxels of one name: 67,240, and two of them are met.
    array = np.zeros((81, 82, 82), dtype=np.uint8)
    array[:80:2, ::2, ::2] = LEFT[0]
    # Bodies are counted from low x to high x, and so on.
    array[1, 0, 0], array[79, 80, 80] = BACK[0], BACK[1]
    context = start(encode(array, np.eye(4)))
    (met,) = rungs_of([LEFT], BACK[:2], 1.0, 0.5, 6, context)
    assert np.iinfo(np.uint16).max < 40 * 41 * 41
    first_layer = 41 * 41
    assert met == (
        Rung(LEFT[0], 0, BACK[0]),
        Rung(LEFT[0], first_layer, BACK[0]),
        Rung(LEFT[0], 40 * first_layer - 1, BACK[1]),
    )
