"""Sequences drawn by hand."""

import numpy as np
import pytest

from vesalius.engine.judging.usual_step import usual_step_mm
from vesalius.engine.kinds import Contiguous, Ordered, judge

DOWN = (0.0, 0.0, -1.0)


def column(*heights, depth=20):
    """Label n lies from heights[n-1][0] up to heights[n-1][1] (exclusive), counted from below."""
    array = np.zeros((7, 7, depth), dtype=int)
    for label, (low, high) in enumerate(heights, start=1):
        array[label, 3, low:high] = label
    return array


def figures(verdict):
    return [(f.kind, f.labels, dict(f.values)) for f in verdict.findings]


def test_a_sequence_that_goes_down_holds(make_case):
    case = make_case(column((15, 18), (10, 14), (5, 9)))
    assert judge(Ordered((1, 2, 3), DOWN), case.context()).holds


def test_two_labels_that_are_exchanged_are_found(make_case):
    case = make_case(column((15, 18), (5, 9), (10, 14)), (1.0, 1.0, 2.0))
    verdict = judge(Ordered((1, 2, 3), DOWN), case.context())
    assert figures(verdict) == [("out of order", (2, 3), {"step_mm": -10.0})]
    assert verdict.findings[0].at_mm == (3.0, 3.0, 23.0)
    assert verdict.faults is None


def test_a_label_cut_by_the_border_has_no_centre(make_case):
    # Of the first only the lower part is in the scan.
    case = make_case(column((10, 20), (15, 19), (5, 9)))
    assert figures(judge(Ordered((1, 2, 3), DOWN, skip_cut=False), case.context())) == [
        ("out of order", (1, 2), {"step_mm": -2.0})
    ]
    verdict = judge(Ordered((1, 2, 3), DOWN, skip_cut=True), case.context())
    assert verdict.quiet
    assert verdict.passed_over == ("label 1 is cut by the border of the scan",)


def test_only_the_ends_along_the_direction_cut_a_label(make_case):
    array = column((10, 14), (15, 19), (5, 9))
    array[:2, 3, 10:14] = 1
    case = make_case(array)
    out_of_order = [("out of order", (1, 2), {"step_mm": -5.0})]
    assert figures(judge(Ordered((1, 2, 3), DOWN), case.context())) == out_of_order
    verdict = judge(Ordered((1, 2, 3), DOWN, any_face=True), case.context())
    assert verdict.quiet
    assert verdict.passed_over == ("label 1 is cut by the border of the scan",)
    # Seen along the other axis it is the side that counts.
    assert judge(Ordered((1, 2), (1.0, 0.0, 0.0)), case.context()).missing.startswith("an order")
    assert not judge(Ordered((1, 2), (0.0, 1.0, 0.0)), case.context()).missing


@pytest.mark.parametrize("kind", [Ordered, "steps"])
def test_a_stray_moves_no_centre(make_case, kind):
    array = column((15, 18), (10, 14), (5, 9))
    array[6, 6, 0] = 1
    array[6, 0, 19] = 3
    case = make_case(array)
    if kind is Ordered:
        assert judge(Ordered((1, 2, 3), DOWN), case.context()).holds
    else:
        # 16, 11.5 and 6.5 high, and 1 mm apart sidewards.
        assert usual_step_mm((1, 2, 3), case.context()) == pytest.approx((21.25**0.5 + 26**0.5) / 2)


def test_with_one_label_nothing_can_be_said(make_case):
    case = make_case(column((15, 20), (10, 14)))
    verdict = judge(Ordered((1, 2), DOWN), case.context())
    assert verdict.missing == (
        "an order needs two labels, and 1 can be compared; cut by the border of the scan: label 1"
    )


def test_half_of_what_is_in_two_is_not_the_whole(make_case):
    # The second is broken: 4 voxels below, and half as many above; the third 4 below and 1 above.
    array = column((10, 12), (2, 6), (0, 0))
    array[2, 3, 16:18], array[4, 3, 1:5], array[4, 3, 18] = 2, 3, 3
    verdict = judge(Ordered((1, 2, 3), DOWN), make_case(array).context())
    assert verdict.quiet
    heights = [(4 * 3.5 + 2 * 16.5) / 6, 2.5]
    (large,) = judge(Ordered((2, 3), DOWN, at_most_mm=1.0), make_case(array).context()).findings
    assert dict(large.values)["step_mm"] == pytest.approx(heights[0] - heights[1], abs=1e-6)


@pytest.mark.parametrize(("tolerance_mm", "holds"), [(1.9, False), (2.0, True), (3.0, True)])
def test_a_small_step_back_is_tolerated(make_case, tolerance_mm, holds):
    case = make_case(column((10, 20), (15, 19)))
    expect = Ordered((1, 2), DOWN, tolerance_mm=tolerance_mm, skip_cut=False)
    assert judge(expect, case.context()).holds is holds


def test_steps_are_bounded_between_neighbours_of_the_list_only(make_case):
    case = make_case(column((15, 18), (0, 0), (10, 13), (8, 9)))
    verdict = judge(Ordered((1, 2, 3, 4), DOWN, at_least_mm=4, at_most_mm=4.5), case.context())
    assert figures(verdict) == [("too small a step", (3, 4), {"step_mm": 3.0, "at_least_mm": 4})]
    tight = judge(Ordered((1, 3, 4), DOWN, at_most_mm=4.5), case.context())
    assert figures(tight) == [("too large a step", (1, 3), {"step_mm": 5.0, "at_most_mm": 4.5})]


def test_bounds_do_not_hold_for_cut_labels(make_case):
    case = make_case(column((10, 20), (1, 3), (1, 2)))
    expect = Ordered((1, 2), DOWN, at_most_mm=5, skip_cut=False)
    assert judge(expect, case.context()).holds


def test_a_gap_is_between_present_labels_only(make_case):
    case = make_case(column((0, 0), (15, 18), (0, 0), (0, 0), (10, 12), (0, 0)))
    verdict = judge(Contiguous((1, 2, 3, 4, 5, 6)), case.context())
    assert figures(verdict) == [("gap", (3, 4), {"missing": 2.0})]
    assert verdict.findings[0].at_mm == (3.5, 3.0, 13.25)
    half = judge(Contiguous((1, 2, 3, 4, 5, 6), optional=(3,)), case.context())
    assert figures(half) == [("gap", (4,), {"missing": 1.0})]
    assert judge(Contiguous((2, 3, 4, 5), optional=(3, 4)), case.context()).holds


def test_every_gap_is_one_finding(make_case):
    case = make_case(column((18, 19), (0, 0), (14, 15), (0, 0), (10, 11)))
    verdict = judge(Contiguous((1, 2, 3, 4, 5)), case.context())
    assert [f.labels for f in verdict.findings] == [(2,), (4,)]


@pytest.mark.parametrize(
    ("one", "other", "reach_steps", "excused"),
    [
        # The middle is 3 layers from the face that both reach; a step is 5 mm.
        ((0, 6), (0, 6), 0.6, True),
        ((0, 6), (0, 6), 0.59, False),
        # Each reaches another face.
        ((0, 6), (1, 7), 0.6, False),
        # The middle is 1.5 layers away.
        ((0, 3), (0, 3), 0.3, True),
        ((0, 3), (0, 3), 0.29, False),
        ((4, 7), (4, 7), 0.3, True),
    ],
)
def test_what_is_missing_may_lie_behind_a_face_that_cuts_both(
    make_case, one, other, reach_steps, excused
):
    array = np.zeros((7, 7, 20), dtype=int)
    for label, height, (first, last) in ((1, 15, one), (3, 5, other)):
        array[first:last, 3, height] = label
    expect = Contiguous((1, 2, 3), skip_cut=True, reach_steps=reach_steps)
    verdict = judge(expect, make_case(array).context())
    assert bool(verdict.passed_over) is excused
    assert bool(verdict.findings) is not excused
    assert judge(Contiguous((1, 2, 3)), make_case(array).context()).findings
