"""Limits that are hit exactly, and the values that hold where a rule says nothing: by hand."""

import numpy as np
import pytest

from vesalius.engine.execute import Case, execute
from vesalius.engine.kinds import Into, IntoOther, IntoSides, OnOwnSide, Pieces
from vesalius.engine.plan.plan import Divide, LevelAnchor, Paint, Plan, SourceTable, WorkLabel
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode, encode

SURE = {"whole_share": 0.9, "leave_unsure": True}


def block_and_crumb(x):
    """A block in the middle of a grid, and a voxel of the same label at index x."""
    array = np.zeros((15, 9, 9), dtype=np.uint8)
    array[6:9, 4, 4] = array[x, 4, 4] = 1
    return array


@pytest.mark.parametrize("x", [3, 11])
@pytest.mark.parametrize(
    ("within_mm", "stays"), [(2.0, False), (2.09, False), (2.1, True), (3, True)]
)
def test_a_piece_just_as_near_to_the_border_is_spared(x, within_mm, stays):
    # Three layers of 0.7 mm from the outermost one on either side; far from all others.
    array = block_and_crumb(x)
    expect = Pieces((1,), at_most=1, spare_border_mm=within_mm)
    step = Step("r", expect=expect, repair=Into(0), writes=(1,))
    ruled = run_steps([step], [], encode(array, np.diag([0.7, 1.0, 1.0, 1.0])))
    assert ruled.outcomes[0].status == ("holds" if stays else "changed")
    assert decode(ruled.labels)[x, 4, 4] == stays


def test_a_piece_just_as_near_to_one_that_stays_is_spared(check):
    before = "1 1 1 . . 1"
    check(before, Pieces((1,), at_most=1, spare_near_mm=3), None, before, "holds")
    check(before, Pieces((1,), at_most=1, spare_near_mm=2.99), Into(0), "1 1 1 . . .")


def test_as_many_swapped_pairs_as_straight_ones_prove_nothing(check):
    one_swapped = """
        . 2 2 9 . 1 1
        8 3 . . . 4 .
    """
    two = OnOwnSide(((2, 1), (4, 3)), 0, **SURE)
    check(one_swapped, two, None, one_swapped, "holds")
    # A third pair that is straight tips the scales.
    more = one_swapped + "        . 5 . . . 6 .\n"
    pairs = ((2, 1), (4, 3), (6, 5))
    mended = more.replace("2 2 9 . 1 1", "1 1 9 . 2 2")
    check(more, OnOwnSide(pairs, 0, **SURE), IntoOther(pairs), mended)


def test_as_many_right_pairs_as_swapped_ones_prove_no_image(check):
    pairs = ((2, 1), (4, 3), (6, 5))
    before = """
        . 1 1 9 . 1 1
        8 4 . . . 3 .
        . 5 . . . 6 .
    """
    own = OnOwnSide(pairs, 0, **SURE, images_mm=2)
    outcome = check(before, own, None, before, "violated")
    # The swapped pair is found, for 1 and 5 lie right, but no image.
    assert [finding.labels for finding in outcome.findings] == [(3,), (4,)]


def test_an_image_of_just_half_the_size_counts(check):
    pairs = ((2, 1), (4, 3))
    before = """
        . 1 1 9 . 1 .
        8 3 . . . 4 .
    """
    own = OnOwnSide(pairs, 0, **SURE, images_mm=2)
    check(before, own, IntoOther(pairs), before.replace("9 . 1 .", "9 . 2 ."))
    lesser = before.replace(". 1 1 9", "1 1 1 9")
    check(lesser, own, None, lesser, "holds")


def test_an_image_just_as_far_off_counts(check):
    pairs = ((2, 1), (4, 3))
    # The centre of the right one, x = 5, is reflected by x = 3 to 1; that of the left is 0.
    before = """
        1 . . 9 . 1 .
        8 3 . . . 4 .
    """
    after = before.replace("9 . 1 .", "9 . 2 .")
    check(before, OnOwnSide(pairs, 0, **SURE, images_mm=1.00001), IntoOther(pairs), after)
    check(before, OnOwnSide(pairs, 0, **SURE, images_mm=0.99), None, before, "holds")


def test_of_equal_halves_the_positive_side_has_the_component(check):
    # Two voxels on either side of the plane at x = 3, whose own voxels are positive.
    before = """
        . . . 9 . . .
        . 1 1 1 1 . .
        . 2 2 2 2 . .
    """
    after = before.replace("2 2 2 2", "1 1 1 1")
    own = OnOwnSide(((1, 2),), 0, whole_share=0.5)
    check(before, own, IntoOther(((1, 2),)), after)


def row(below, above):
    """A picture of 20 voxels of label 1 on both sides of the plane of label 9."""
    left = [". "] * (20 - below) + ["1 "] * below
    right = ["1 "] * above + [". "] * (20 - above)
    plane = ". " * 20 + "9 " + ". " * 19
    return f"{plane}\n{''.join(left + right)}"


@pytest.mark.parametrize("whole", [True, False])
def test_nine_tenths_of_a_component_are_all_of_it_where_a_step_says_nothing(check, whole):
    before = row(2, 18) if whole else row(3, 17)
    own = OnOwnSide(((1, 2),), 0)
    if whole:
        check(before, own, None, before, "holds")
    else:
        after = before.replace("1 1 1 1", "2 2 2 1", 1)
        check(before, own, IntoOther(((1, 2),)), after)


@pytest.mark.parametrize("whole", [True, False])
def test_nine_tenths_of_a_part_are_all_of_it_where_a_repair_says_nothing(check, whole):
    before = row(2, 18) if whole else row(3, 17)
    pieces = Pieces((1,), at_most=0)
    after = before.replace("1", "3") if whole else before.replace("1", "3").replace("3", "4", 3)
    check(before, pieces, IntoSides(0, 3, 4), after)


@pytest.mark.parametrize(("below", "after"), [(2, "3" * 20), (3, "444" + "3" * 17)])
def test_nine_tenths_of_a_component_are_all_of_it_where_a_plan_says_nothing(below, after):
    """In the merge: a source's class that a plane divides."""
    plane = np.zeros((40, 1, 1), dtype=np.uint8)
    plane[20] = 1
    divided = np.zeros_like(plane)
    divided[20 - below : 40 - below] = 1
    plan = Plan(
        target="t",
        work=tuple(WorkLabel(n, f"w{n}", n, 0, (), n) for n in (1, 2, 3, 4)),
        sources=(
            SourceTable("a", ((1, Paint(1)),)),
            SourceTable("b", ((1, Divide(0, Paint(3), Paint(4), Paint(2))),)),
        ),
        anchors=(LevelAnchor("x", (1,), 1, (1.0, 0.0, 0.0)),),
    )
    sources = {"a": encode(plane, np.eye(4)), "b": encode(divided, np.eye(4))}
    result = execute(plan, Case(Grid(plane.shape, np.eye(4)), (0, 1, 2), sources, {}))
    labels = decode(result.labels).ravel()[20 - below : 40 - below]
    assert "".join(map(str, labels)) == after
