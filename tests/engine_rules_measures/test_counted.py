"""Numbering by order, drawn by hand."""

from dataclasses import replace

import numpy as np
import pytest

from vesalius.engine.kinds import Agrees, AsCounted, Counted, judge
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.labelmap import decode

UP = (0.0, 0.0, 1.0)
ONE_SIDE, OTHER = (11, 12, 13), (21, 22, 23)
MIDDLE = LevelAnchor("middle", (9,), 1, (1.0, 0.0, 0.0))
COUNTED = Counted(ONE_SIDE, OTHER, 0, UP)
STEP = Step("count", expect=COUNTED, repair=AsCounted(), writes=ONE_SIDE + OTHER)


def cage(one=ONE_SIDE, other=OTHER):
    """Three bars on each side of a column, named from below; x grows to the positive side."""
    array = np.zeros((15, 3, 12), dtype=int)
    array[7, 1, :] = 9
    for level, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        array[9:14, 1, 2 + 3 * level] = mine
        array[1:6, 1, 2 + 3 * level] = theirs
    return array


def test_right_numbers_hold(make_case):
    assert judge(COUNTED, make_case(cage(), anchors=[MIDDLE]).context()).holds


def test_wrong_numbers_are_found_and_mended(make_case):
    case = make_case(cage((13, 12, 11), (21, 23, 22)), anchors=[MIDDLE])
    verdict = judge(COUNTED, case.context())
    # Equally large bars come by their centre: from negative to positive, from below up.
    assert [(f.labels, f.voxels, f.note) for f in verdict.findings] == [
        ((23,), 5, "by its place it is label 22"),
        ((22,), 5, "by its place it is label 23"),
        ((13,), 5, "by its place it is label 11"),
        ((11,), 5, "by its place it is label 13"),
    ]
    ruled = run_steps([STEP], [MIDDLE], case.context().work)
    assert ruled.outcomes[0].status == "changed"
    assert np.array_equal(decode(ruled.labels), cage())


def test_a_bar_of_several_labels_and_of_the_other_side(make_case):
    array = cage()
    array[11:13, 1, 5] = 11
    array[3, 1, 5] = 13
    case = make_case(array, anchors=[MIDDLE])
    verdict = judge(COUNTED, case.context())
    assert sorted((f.labels, f.voxels) for f in verdict.findings) == [((11,), 2), ((13,), 1)]
    ruled = run_steps([STEP], [MIDDLE], case.context().work)
    assert np.array_equal(decode(ruled.labels), cage())


def test_smaller_pieces_keep_their_label(make_case):
    array = cage((12, 11, 13))
    array[13, 0, 0] = 12
    array[13, 2, 11] = 23
    case = make_case(array, anchors=[MIDDLE])
    ruled = run_steps([STEP], [MIDDLE], case.context().work)
    mended = cage()
    mended[13, 0, 0], mended[13, 2, 11] = 12, 23
    assert np.array_equal(decode(ruled.labels), mended)


def test_unless_all_are_there_nothing_can_be_said(make_case):
    array = cage()
    array[array == 21] = 0
    lost = judge(COUNTED, make_case(array, anchors=[MIDDLE]).context())
    assert lost.missing == "5 components; 6 are needed"
    array[13, 1, 0] = 11
    uneven = judge(COUNTED, make_case(array, anchors=[MIDDLE]).context())
    assert uneven.missing == (
        "4 components on the positive and 2 on the other side; 3 and 3 are needed"
    )
    array = cage()
    array[array == 9] = 0
    bare = judge(COUNTED, make_case(array, anchors=[MIDDLE]).context())
    assert bare.missing.startswith("the anchor middle is missing")


@pytest.mark.parametrize("by", ["median", "mean"])
def test_median_and_mean_may_differ(make_case, by):
    array = np.zeros((15, 3, 12), dtype=int)
    array[7, 1, :] = 9
    # Label 1: median at 3.5, mean at 4.5. Label 2 lies at 4.
    array[9:14, 1, 3] = array[13, 1, 3:9] = 1
    array[9:12, 2, 4] = 2
    array[1:6, 1, 3], array[1:6, 1, 6] = 3, 4
    verdict = judge(
        Counted((1, 2), (3, 4), 0, UP, by), make_case(array, anchors=[MIDDLE]).context()
    )
    wrong = [] if by == "median" else [(1,), (2,)]
    assert [f.labels for f in verdict.findings] == wrong


def test_a_bar_across_the_middle_lies_where_most_of_it_is(make_case):
    array = cage()
    array[5:8, 1, 5] = 22
    array[7, 1, 5] = 22
    case = make_case(array, anchors=[MIDDLE])
    assert judge(COUNTED, case.context()).holds


def agrees(array, make_case, **more):
    expect = Agrees(ONE_SIDE + OTHER, 0, UP, 6, **more)
    return judge(expect, make_case(array, anchors=[MIDDLE]).context())


def test_straight_bars_agree(make_case):
    assert agrees(cage(), make_case).holds


def test_a_bar_whose_lower_end_is_lower_than_that_of_the_one_below(make_case):
    array = cage()
    # Label 12 hangs down at its end, below label 11.
    array[13, 1, 2] = 0
    array[14, 1, 0:6] = 12
    verdict = agrees(array, make_case)
    assert [(f.kind, f.labels, f.values) for f in verdict.findings] == [
        ("order", (11, 12), (("median_step_mm", 3.0), ("minimum_step_mm", -2.0)))
    ]
    assert agrees(array, make_case, order=False).holds


def test_a_bar_that_reaches_over_to_the_other_side(make_case):
    array = cage()
    # An arm of label 12 goes over the middle, beyond the ends of the bars there.
    array[0:14, 0, 3] = array[13, 0, 3:6] = 12
    verdict = agrees(array, make_case)
    assert [(f.kind, f.labels, f.values) for f in verdict.findings] == [
        ("side", (12, 21), (("minimum_mm", 0.0), ("other_minimum_mm", 1.0)))
    ]
    assert agrees(array, make_case, sides=False).holds


def test_equal_figures_agree(make_case):
    array = cage()
    # The arm of label 12 ends above the ends of the bars of the other side.
    array[1:14, 0, 3] = array[13, 0, 3:6] = 12
    assert agrees(array, make_case, order=False).holds
    # Two bars with one median, the larger of which begins higher than the smaller.
    array = np.zeros((15, 3, 12), dtype=int)
    array[7, 1, :] = 9
    array[9, 0, 4:9] = 11
    array[11:14, 0, 5:8] = 12
    heights = [np.argwhere(array == label)[:, 2] for label in (11, 12)]
    assert [np.median(h) for h in heights] == [6, 6]
    assert [(h.size, h.min()) for h in heights] == [(5, 4), (9, 5)]
    expect = Agrees((11, 12), 0, UP, 2)
    assert judge(expect, make_case(array, anchors=[MIDDLE]).context()).holds


def test_too_few_components(make_case):
    array = cage()
    array[array == 21] = 0
    assert agrees(array, make_case).missing == "5 components; 6 are needed"


CLEAR = replace(COUNTED, clear_mm=2.0)


def images(one=ONE_SIDE, other=OTHER):
    return np.pad(cage(one, other), 1)


@pytest.mark.parametrize("one", [(12, 13, 13), (11, 11, 12), (11, 13, 13)])
def test_the_other_side_proves_the_numbers_of_two_with_one_name(make_case, one):
    step = Step("count", expect=CLEAR, repair=AsCounted(), writes=ONE_SIDE + OTHER)
    case = make_case(images(one), anchors=[MIDDLE])
    ruled = run_steps([step], [MIDDLE], case.context().work)
    assert ruled.outcomes[0].status == "changed", ruled.outcomes[0].reason
    assert np.array_equal(decode(ruled.labels), images())


def test_what_is_no_mirror_image_proves_nothing(make_case):
    def reason(array):
        return judge(CLEAR, make_case(array, anchors=[MIDDLE]).context()).missing

    both = images((12, 13, 13), (22, 23, 23))
    assert reason(both).startswith("more than one component is mostly label 13")
    higher = images((12, 13, 13))
    higher[9:, :, 4:] = np.roll(higher[9:, :, 4:], 2, axis=2)
    assert "are no mirror images" in reason(higher)
    # Two halves of one, in the place of two.
    short = images((12, 13, 13))
    short[12:16, :, 7:] = 0
    assert "are no mirror images" in reason(short)
    cut = images((12, 13, 13))[:-2]
    assert reason(cut).startswith("the border of the scan cuts")


def bars(strays):
    """Three bars of nine voxels on each side, two of them in each other's place, and strays."""
    array = np.zeros((25, 5, 17), dtype=int)
    array[12, 2, :] = 9
    for level, (mine, theirs) in enumerate(zip((12, 11, 13), OTHER, strict=True)):
        array[14:23, 2, 4 + 4 * level] = mine
        array[2:11, 2, 4 + 4 * level] = theirs
    array[14 : 14 + 2 * strays : 2, 0, 0] = 12
    return array


@pytest.mark.parametrize(
    ("strays", "missing"), [(0, None), (1, None), (2, "label 12 is in pieces")]
)
def test_a_bar_is_a_whole_label_from_nine_tenths_on(make_case, strays, missing):
    # One stray of ten voxels, or two of eleven.
    verdict = judge(CLEAR, make_case(bars(strays), anchors=[MIDDLE]).context())
    assert verdict.missing == missing
    assert [f.labels for f in verdict.findings] == ([] if missing else [(12,), (11,)])


@pytest.mark.parametrize(("clear_mm", "told"), [(4.0, True), (4.01, False)])
def test_bars_just_as_far_apart_are_told_apart(make_case, clear_mm, told):
    expect = replace(COUNTED, clear_mm=clear_mm)
    verdict = judge(expect, make_case(bars(0), anchors=[MIDDLE]).context())
    wanted = None if told else "label 12, label 11 are too near to each other to be told apart"
    assert verdict.missing == wanted


@pytest.mark.parametrize(("length", "told"), [(3, True), (2, False)])
def test_a_mirror_image_has_three_fifths_of_the_other(make_case, length, told):
    array = images((12, 13, 13))
    # Of five voxels of the lowest bar so many are left, around its middle.
    array[10:15, 2, 3] = 0
    array[11 : 11 + length, 2, 3] = 12
    verdict = judge(CLEAR, make_case(array, anchors=[MIDDLE]).context())
    assert (verdict.missing is None) == told, verdict.missing
