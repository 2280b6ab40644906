"""Touching and enclosing, drawn by hand, and distances against all pairs of voxels."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from vesalius.engine.kinds import Enclosed, Into, Touching, judge
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.crop import bounds
from vesalius.engine.runs.distance import box_distance_mm, distance_mm, within_mm
from vesalius.engine.runs.labelmap import encode
from vesalius.engine.runs.sweeps import keep_labels


def two(gap, *, size=14):
    """Label 1 and label 2 with `gap` empty voxels between them along the first axis."""
    array = np.zeros((size, 7, 7), dtype=int)
    array[3:5, 2:5, 2:5] = 1
    array[5 + gap : 7 + gap, 2:5, 2:5] = 2
    return array


@pytest.mark.parametrize(("gap", "mm"), [(0, 2.0), (1, 4.0), (3, 8.0)])
def test_the_distance_is_from_centre_to_centre(make_case, gap, mm):
    case = make_case(two(gap), (2.0, 1.0, 1.0))
    assert judge(Touching((1,), (2,), mm), case.context()).holds
    verdict = judge(Touching((1,), (2,), mm - 0.01), case.context())
    assert verdict.findings[0].values == (("mm", mm), ("at_most_mm", mm - 0.01))
    assert verdict.findings[0].voxels == 18
    assert verdict.faults.label.tolist() == [1]


def test_without_the_others_nothing_can_be_said(make_case):
    verdict = judge(Touching((1,), (5,), 2.0), make_case(two(1)).context())
    assert verdict.missing == "absent: label 5"
    assert judge(Touching((5,), (1,), 2.0), make_case(two(1)).context()).holds


def test_a_cut_label_may_touch_outside_the_scan(make_case):
    array = two(5)
    array[0:3, 2:5, 2:5] = 1
    verdict = judge(Touching((1,), (2,), 2.0), make_case(array).context())
    assert verdict.missing == "label 1 is cut by the border of the scan"
    assert verdict.passed_over == (verdict.missing,)
    # It is judged where it touches within the scan.
    array[5:10, 3, 3] = 1
    assert judge(Touching((1,), (2,), 2.0), make_case(array).context()).holds


def test_a_cut_neighbour_counts_only_near_the_same_border(make_case):
    array = two(4)
    array[9:, 2:5, 2:5] = 2
    far = judge(Touching((1,), (2,), 3.0), make_case(array).context())
    assert [f.kind for f in far.findings] == ["too far away"]
    # Now label 2 leaves the scan on the side on which label 1 is near to the border.
    array[9:, 2:5, 0:2] = 2
    near = judge(Touching((1,), (2,), 3.0), make_case(array).context())
    assert near.missing == "label 2 is cut by the border of the scan nearby"
    assert judge(Touching((1,), (2,), 2.9), make_case(array).context()).findings


def test_what_is_said_of_some_labels_counts(make_case):
    array = two(5)
    array[0:2, 0, 0] = 3
    verdict = judge(Touching((1, 3), (2,), 2.0), make_case(array).context())
    assert [f.labels for f in verdict.findings] == [(1,)]
    assert verdict.passed_over == ("label 3 is cut by the border of the scan",)


def test_what_is_passed_over_does_not_hold(make_case):
    array = two(0)
    expect = Touching((1, 3), (2,), 2.0)
    assert judge(expect, make_case(array).context()).holds
    array[12, 0, 0] = 3
    verdict = judge(expect, make_case(array).context())
    assert (verdict.holds, verdict.quiet) == (False, True)
    step = Step("near", expect=expect, reads=(1, 2, 3))
    (outcome,) = run_steps([step], (), make_case(array).context().work).outcomes
    assert outcome.status == "skipped"
    assert outcome.reason == "in part: label 3 is cut by the border of the scan"
    assert outcome.passed_over == ("label 3 is cut by the border of the scan",)


def test_a_label_is_not_its_own_neighbour(make_case):
    verdict = judge(Touching((1, 2), (1, 2), 2.0), make_case(two(5)).context())
    assert [f.labels for f in verdict.findings] == [(1,), (2,)]


def test_what_touches_nothing_can_be_removed(make_case):
    context = make_case(two(5)).context()
    step = Step("r", expect=Touching((1,), (2,), 2.0), repair=Into(0), reads=(1, 2), writes=(1,))
    ruled = run_steps([step], (), context.work)
    assert ruled.outcomes[0].status == "changed"
    assert ruled.labels.labels().tolist() == [2]


def test_on_a_skewed_grid_an_inner_voxel_can_be_nearest():
    # Two steps along the first axis and one along the second lead to 0.3 mm from where they began.
    affine = np.eye(4)
    affine[:3, 1] = (-2.0, 0.3, 0.0)
    array = np.zeros((7, 5, 5), dtype=np.uint8)
    array[1:4, 2, 2] = array[2, 1:4, 2] = array[2, 2, 1:4] = 1
    array[4, 3, 2] = 2
    work = encode(array, affine)
    one, other = keep_labels(work, [1]), keep_labels(work, [2])
    assert distance_mm(one, other) == 0.3
    assert within_mm(one, other, 0.3)
    assert not within_mm(one, other, 0.29)


@settings(max_examples=150)
@given(data=st.data())
def test_distances_are_those_of_the_nearest_pair(cases, data):
    case = data.draw(cases())
    work = encode(case.array, case.affine)
    one, other = keep_labels(work, [1, 3]), keep_labels(work, [2])
    mine = np.argwhere(np.isin(case.array, [1, 3]))
    theirs = np.argwhere(case.array == 2)
    if not len(mine) or not len(theirs):
        assert distance_mm(one, other) == np.inf
        assert not within_mm(one, other, 1e9)
        return
    steps = (mine[:, None] - theirs[None]) @ case.affine[:3, :3].T
    nearest = np.linalg.norm(steps, axis=2).min()
    assert distance_mm(one, other) == pytest.approx(nearest, abs=1e-6)
    assert within_mm(one, other, nearest + 1e-3)
    assert not within_mm(one, other, nearest - 1e-3)
    assert within_mm(one, other, nearest + 100)
    exact = distance_mm(one, other)
    assert within_mm(one, other, exact)
    assert not within_mm(one, other, exact - 1e-6)
    assert box_distance_mm(work.grid, bounds(one), bounds(other)) <= nearest + 1e-9


def test_the_share_of_faces_is_counted(make_case):
    array = np.zeros((7, 7, 7), dtype=int)
    array[2:5, 2:5, 2:5] = 1
    array[3, 3, 3] = 2
    array[3, 3, 4] = 2
    # Label 2 has ten outer faces; the one at the top of its upper voxel is free.
    context = make_case(array).context()
    assert judge(Enclosed((2,), (1,), 0.9), context).holds
    verdict = judge(Enclosed((2,), (1,), 0.95), context)
    assert verdict.findings[0].values == (("share", 0.9), ("at_least", 0.95))
    assert judge(Enclosed((2,), (4,), 0.1), context).missing == "absent: label 4"


def test_faces_at_the_border_do_not_count(make_case):
    array = np.ones((3, 3, 3), dtype=int)
    context = make_case(array).context()
    assert judge(Enclosed((1,), (2,), 0.1), context).missing == "absent: label 2"
    array[0, 0, 0] = 2
    assert judge(Enclosed((2,), (1,), 1.0), make_case(array).context()).holds
