"""A chain whose bodies carry their names, drawn by hand."""

import numpy as np
import pytest

from vesalius.engine.kinds import AsCounted, Numbered, judge
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.labelmap import decode

CHAIN = tuple(range(1, 9))
UP = (0.0, 0.0, 1.0)
EXPECT = Numbered(CHAIN, UP, clear_mm=2.0)


def tower(names, height=3, crumbs=()):
    """Blocks one above the other, named from below; 0 leaves a place empty."""
    array = np.zeros((6, 6, 2 + height * len(names)), dtype=int)
    for level, name in enumerate(names):
        array[1:5, 2:4, 1 + height * level : 3 + height * level] = name
    for name, at in crumbs:
        array[at] = name
    return array


def mended(make_case, array, expect=EXPECT):
    step = Step("chain", expect=expect, repair=AsCounted(), writes=expect.labels)
    ruled = run_steps([step], [], make_case(array).context().work)
    return decode(ruled.labels), ruled.outcomes[0]


@pytest.mark.parametrize(
    ("names", "right"),
    [
        ((1, 2, 4, 3, 5, 6, 7, 8), CHAIN),
        ((2, 1, 3, 4, 5, 6, 7, 8), CHAIN),
        ((1, 2, 4, 5, 6, 6, 7, 8), CHAIN),
        ((1, 2, 2, 3, 4, 5, 7, 8), CHAIN),
        ((1, 3, 3, 4), (1, 2, 3, 4)),
        ((3, 4, 6, 5, 7, 8), (3, 4, 5, 6, 7, 8)),
    ],
)
def test_names_that_are_one_off_get_right(make_case, names, right):
    after, outcome = mended(make_case, tower(names))
    assert outcome.status == "changed", outcome.reason
    assert np.array_equal(after, tower(right))


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (tower((1, 2, 4)), "3 whole structures; 4 make a chain"),
        (tower((1, 2, 4, 5, 6, 7)), "missing label 3, more than once none"),
        (tower((1, 2, 3, 3, 4, 5)), "missing none, more than once label 3"),
        (tower((1, 2, 5, 6, 7, 7, 7, 8)), "which names are wrong is not clear"),
        (tower((8, 7, 6, 5, 4, 3, 2, 1)), "more than neighbours changed places"),
        (tower((1, 2, 5, 4, 3, 6, 7, 8)), "more than neighbours changed places"),
        (tower((2, 1, 4, 3)), "more than neighbours changed places"),
        # There is room for the one that is missing.
        (tower((1, 2, 0, 4, 5, 5, 6, 7)), "the step from label 2 to label 4"),
        # Two halves of one are no two.
        (tower((1, 2, 4, 5, 6, 0, 0, 0, 6, 7)), "the step from label 6 to label 6"),
        (tower((1, 2, 4, 3, 5, 6, 7, 8))[:, :, 7:], "the border of the scan cuts"),
    ],
)  # fmt: skip
def test_what_is_not_proven_is_left_and_told(make_case, array, why):
    after, outcome = mended(make_case, array)
    assert outcome.status == "skipped"
    assert why in outcome.reason
    assert np.array_equal(after, array)


def test_what_a_patient_may_lack_proves_nothing(make_case):
    array = tower((1, 2, 4, 5, 6, 6, 7, 8))
    _, outcome = mended(make_case, array, Numbered(CHAIN, UP, may_lack=(3,)))
    assert (outcome.status, outcome.reason) == ("skipped", "a patient may lack label 3")
    # What few have counts only where it is: without it the chain is right.
    optional = Numbered(CHAIN, UP, optional=(3,))
    right = tower((1, 2, 4, 5, 6, 7, 8))
    assert judge(optional, make_case(right).context()).holds
    assert judge(optional, make_case(tower(CHAIN)).context()).holds


def test_neighbours_that_are_too_near_are_not_told_apart(make_case):
    array = tower((1, 2, 4, 3, 5, 6, 7, 8))
    _, outcome = mended(make_case, array, Numbered(CHAIN, UP, clear_mm=3.0))
    assert outcome.status == "changed"
    _, outcome = mended(make_case, array, Numbered(CHAIN, UP, clear_mm=3.1))
    assert outcome.reason == "some are too near to each other to be told apart"


def test_crumbs_go_with_their_body_but_not_where_there_are_two(make_case):
    # A crumb of 4 by the upper body, and one of 6, of which there are two bodies.
    crumbs = [(4, (5, 5, 8)), (6, (5, 5, 14))]
    after, outcome = mended(make_case, tower((1, 2, 4, 5, 6, 6, 7, 8), crumbs=crumbs))
    assert outcome.status == "changed"
    assert np.array_equal(after, tower(CHAIN, crumbs=[(3, (5, 5, 8)), (6, (5, 5, 14))]))
    assert [(f.labels, f.voxels, f.note) for f in outcome.findings] == [
        ((4,), 16, "by its place it is label 3"),
        ((4,), 1, "by its place it is label 3"),
        ((5,), 16, "by its place it is label 4"),
        ((6,), 16, "by its place it is label 5"),
    ]


def test_only_steps_to_between_and_from_those_out_of_place_are_looked_at(make_case):
    # Both the second and the last but one step are twice as long as the others.
    names = (1, 2, 0, 3, 5, 4, 6, 0, 7, 8)
    after, outcome = mended(make_case, tower(names))
    assert outcome.status == "changed", outcome.reason
    assert np.array_equal(after, tower((1, 2, 0, 3, 4, 5, 6, 0, 7, 8)))
    assert (
        "the step from label 3 to label 5"
        in mended(make_case, tower((1, 2, 3, 0, 5, 4, 6, 7, 8)))[1].reason
    )
    assert (
        "the step from label 4 to label 6"
        in mended(make_case, tower((1, 2, 3, 5, 4, 0, 6, 7, 8)))[1].reason
    )


@pytest.mark.parametrize(("step", "told"), [(5, False), (6, True), (15, True), (16, False)])
def test_a_step_from_six_tenths_to_one_and_a_half_of_the_usual_is_regular(make_case, step, told):
    array = np.zeros((3, 3, 100), dtype=int)
    at = 1
    for name in (1, 2, 3, 5, 4, 6, 7, 8):
        array[1, 1, at] = name
        at += step if name == 5 else 10
    verdict = judge(EXPECT, make_case(array).context())
    assert (verdict.missing is None) == told, verdict.missing


@pytest.mark.parametrize(("voxels", "body"), [(4, True), (3, False)])
def test_half_of_the_largest_is_a_body(make_case, voxels, body):
    # Label 3 is missing and 6 is there twice, if the lower one is large enough for a body.
    array = tower((1, 2, 4, 5, 6, 6, 7, 8))
    array[:, :, 13:15][array[:, :, 13:15] == 6] = 0
    array[1 : 1 + voxels // 2, 2, 13:15] = 6
    array[1 + voxels // 2, 2, 13 : 13 + voxels % 2] = 6
    array[1:5, 2:4, 16:18] = 0
    array[1:5, 2, 16:18] = 6
    verdict = judge(EXPECT, make_case(array).context())
    assert (verdict.missing is None) == body, verdict.missing
