"""A turn with nothing to judge does not hide one that could not judge, in status and in words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import vesalius
from vesalius.adapters.cases.not_judged import not_judged
from vesalius.engine.plan.reason import Reason

RULES = """\
schema: rules/1
pack: own
about: For these tests.
phases: [contact, sex]
rules:
  - id: contact/hips
    summary: A gluteal muscle is far from its hip bone.
    each: side
    for: gluteus_maximus
    expect: {touches: hip, gap_mm: 20}
  - id: sex/no-prostate
    summary: There is a prostate.
    for: prostate
    expect: absent
"""
HIP_LEFT, HIP_RIGHT, GLUTEUS_LEFT, GLUTEUS_RIGHT = 77, 78, 80, 81
NOTHING = ("nothing of it is there", True)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Lint a row of voxels, 10 mm each; give the outcomes by rule."""
    pack = tmp_path_factory.mktemp("packs") / "own.yaml"
    pack.write_text(RULES)
    session = vesalius.Session(target="totalsegmentator_v2", rules=pack)

    def judged(*row: int):
        array = np.zeros((len(row) + 2, 3, 3), np.uint8)
        array[1:-1, 1, 1] = row
        result = session.lint((array, np.diag([-10.0, 10, 10, 1])))
        return {outcome.rule.id: outcome for outcome in result.outcomes}

    return judged


@pytest.mark.parametrize("row", [(GLUTEUS_LEFT,), (GLUTEUS_RIGHT,)])
def test_a_skipped_turn_outranks_one_with_nothing_to_judge(judged, row):
    found = judged(*row)
    hips = found["contact/hips"]
    assert (hips.status, hips.vacuous) == ("skipped", False)
    assert hips.reason.startswith("absent: hip_")
    (said,) = not_judged(found.values())
    assert said.startswith("contact was not judged: no hip_")


def test_a_turn_that_judged_outranks_both(judged):
    hips = judged(GLUTEUS_LEFT, HIP_LEFT)["contact/hips"]
    assert (hips.status, hips.reason, hips.vacuous) == ("holds", "", False)
    # The right muscle cannot be judged, the left one can: judged in part.
    hips = judged(GLUTEUS_LEFT, HIP_LEFT, GLUTEUS_RIGHT)["contact/hips"]
    assert (hips.status, hips.vacuous) == ("skipped", False)
    assert hips.reason.startswith("in part: ")
    assert "hip_right" in hips.reason


def test_nothing_at_all_to_judge_holds_and_says_so(judged):
    found = judged(HIP_LEFT, HIP_RIGHT)
    hips = found["contact/hips"]
    assert (hips.status, hips.reason, hips.vacuous) == ("holds", *NOTHING)
    assert not_judged(found.values()) == ()


def test_what_must_be_absent_is_judged_where_it_is(judged):
    found = judged(HIP_LEFT)["sex/no-prostate"]
    assert (found.status, found.reason, found.vacuous) == ("holds", "", False)


def outcome(rule, *lacks):
    """Give what not_judged looks at of a rule that was skipped."""
    result = SimpleNamespace(
        status="skipped", lacks=lacks, vacuous=False, in_part=False, applies=True
    )
    phase = rule.split("/")[0]
    return SimpleNamespace(rule=SimpleNamespace(expects=("some",), phase=phase), result=result)


def test_what_most_rules_lack_is_said_first():
    lacks = (
        (Reason("no place", unmade=("torso",)),),
        (Reason("few", absent=("sternum",)), Reason("the case has no image in HU")),
        (Reason("none", absent=("liver", "spleen")),),
        (Reason("none", absent=("liver",)),),
    )
    (said,) = not_judged([outcome(f"here/{n}", *each) for n, each in enumerate(lacks)])
    assert said == (
        "here was not judged: no liver, no sternum, no spleen, no torso; "
        "the case has no image in HU"
    )


def test_what_an_anchor_would_be_made_of_is_said_and_not_its_name():
    levels = tuple(f"vertebrae_T{n}" for n in range(1, 13))
    lacking = outcome("here/1", Reason("the anchor spine_depth is missing: 0 of 12", levels))
    also = outcome("here/2", Reason("absent: liver", ("liver",)))
    (said,) = not_judged([lacking, also])
    assert said == "here was not judged: no vertebrae (12 of them), no liver"


def test_what_the_case_is_makes_a_rule_not_needed(judged_of_a_woman):
    """A rule about men says nothing of a woman, which is no lack of it."""
    found, said = judged_of_a_woman
    assert found["sex/men"].applies is False
    assert said == ()


@pytest.fixture
def judged_of_a_woman(tmp_path):
    pack = tmp_path / "own.yaml"
    pack.write_text(MEN)
    session = vesalius.Session(target="totalsegmentator_v2", rules=pack)
    array = np.full((3, 3, 3), HIP_LEFT, np.uint8)
    result = session.lint((array, np.eye(4)), case={"sex": "female"})
    return {outcome.rule.id: outcome for outcome in result.outcomes}, not_judged(result.outcomes)


MEN = """\
schema: rules/1
pack: own
about: For these tests.
phases: [sex]
rules:
  - id: sex/men
    summary: A man has a prostate.
    for: prostate
    when: {case: {sex: male}}
    expect: present
"""


LACKING = """\
schema: rules/1
pack: own
about: For these tests.
phases: [nowhere, cut, ended, unseen, order, unmade]
rules:
  - id: nowhere/liver
    summary: The liver is in two pieces.
    for: liver
    expect: {components: {at_most: 1}}
  - id: cut/heart
    summary: The heart is small.
    for: heart
    expect: {volume_ml: {at_least: 1}}
  - id: ended/heart
    summary: The heart is in two pieces.
    for: heart
    when: {uncut_at: {of: heart, ends: [superior, inferior]}}
    expect: {components: {at_most: 1}}
  - id: unseen/heart
    summary: The heart is in two pieces.
    for: heart
    when: {present: trachea}
    expect: {components: {at_most: 1}}
  - id: order/heart
    summary: The esophagus is below the heart.
    expect: {ordered: [heart, esophagus], direction: superior}
  - id: unmade/heart
    summary: The heart is in two pieces.
    for: heart
    when: {case: {sex: male}}
    expect: {components: {at_most: 1}}
"""


def test_every_way_of_lacking_something_is_told(tmp_path):
    pack = tmp_path / "own.yaml"
    pack.write_text(LACKING)
    heart = np.full((3, 3, 3), 2, np.uint8)
    found = vesalius.lint((heart, np.eye(4)), "segthor", rules=pack)
    assert not_judged(found.outcomes) == (
        "nowhere was not judged: no liver",
        "cut was not judged: cut by the border of the scan: heart",
        "ended was not judged: cut by the border of the scan: heart",
        "unseen was not judged: no trachea",
        "order was not judged: no esophagus; cut by the border of the scan: heart",
        "unmade was not judged: the case does not say sex",
    )
