"""Sequences drawn by hand."""

import numpy as np
import pytest

from vesalius.engine.expect import judge
from vesalius.engine.steps import Contiguous, Ordered

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
    assert judge(Ordered((1, 2, 3), DOWN, skip_cut=True), case.context()).holds


def test_with_one_label_nothing_can_be_said(make_case):
    case = make_case(column((15, 20), (10, 14)))
    verdict = judge(Ordered((1, 2), DOWN), case.context())
    assert verdict.missing == (
        "an order needs two labels, and 1 can be compared; cut by the border of the scan: label 1"
    )


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
