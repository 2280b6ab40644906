"""`told_apart`: two bars whose names were exchanged, and what lies beside each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vesalius.engine.judging.context import start
from vesalius.engine.kinds import AsCounted, ToldApart, judge
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.labelmap import decode, encode

# 1 and 2 are the two; 3 and 4 belong to 1, 5 and 6 to 2.
EXPECT = ToldApart((1, 2), (3, 4), (5, 6), 2.0, 3)

HALF = ToldApart((1, 2), (3, 4), (), 2.0, 2)


def draw(left=1, right=2, beside_left=(3, 4), beside_right=(5, 6)):
    array = np.zeros((12, 3, 8), dtype=np.uint8)
    array[3, 1, 1:7], array[8, 1, 1:7] = left, right
    for at, (here, there) in enumerate(zip(beside_left, beside_right, strict=True)):
        array[1, 1, 2 + 3 * at], array[10, 1, 2 + 3 * at] = here, there
    return array


def said(array, expect=EXPECT):
    return judge(expect, start(encode(array, np.eye(4))))


def test_exchanged_names_are_exchanged_again():
    step = Step("r", expect=EXPECT, repair=AsCounted(), writes=(1, 2))
    after = run_steps([step], (), encode(draw(2, 1), np.eye(4))).labels
    assert np.array_equal(decode(after), draw())
    assert said(draw(2, 1)).findings[0].note == "it has changed places with label 2"
    assert said(draw()).holds


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (draw(2, 1), True),
        (draw(2, 1, (3, 0)), True),
        (draw(2, 1, (3, 0), (5, 0)), False),  # two are not enough
        (draw(2, 1, (3, 5), (4, 6)), False),  # one says the opposite
        (draw(2, 1, (0, 0)), False),  # nothing speaks of the first
    ],
)
def test_all_that_say_something_must_say_it(array, found):
    assert bool(said(array).findings) == found


def test_what_is_out_of_reach_says_nothing():
    assert said(draw(2, 1), ToldApart((1, 2), (3, 4), (5, 6), 1.9, 3)).holds


def test_an_empty_list_need_not_speak():
    assert said(draw(2, 1), ToldApart((1, 2), (3, 4), (), 2.0, 2)).findings


def test_both_must_be_there():
    assert "not both" in (said(draw(2, 0)).missing or "")
    assert said(draw(0, 0)).holds


def test_the_larger_one_has_its_name():
    larger = replace(EXPECT, larger=(1,))
    array = draw(2, 1)
    assert said(array, larger).holds  # as large as the other one
    array[8, 1, 6] = 0  # 1, where 2 belongs, is the smaller now
    assert not said(array, larger).holds
    assert said(array, replace(EXPECT, larger=(2,))).holds


def test_bodies_that_do_not_agree_are_found_and_stay():
    """Half of 1 has the name of 2: what lies beside it is nearer to it than to the rest."""
    array = draw(2, 0, (3, 4), (5, 6))
    array[3, 1, 1:7], array[4, 1, 1:7], array[8, 1, 1:7] = 2, 1, 2
    step = Step("r", expect=HALF, repair=AsCounted(), writes=(1, 2))
    after = run_steps([step], (), encode(array, np.eye(4)))
    assert np.array_equal(decode(after.labels), array)
    assert [f.note for f in said(array, HALF).findings] == [
        "it, or a part of it, has changed places with label 2",
        "it, or a part of it, has changed places with label 1",
    ]
    alone = np.where(np.arange(12)[:, None, None] == 8, 0, array).astype(np.uint8)
    after = run_steps([step], (), encode(alone, np.eye(4)))
    assert not np.array_equal(decode(after.labels), alone)


def test_a_body_has_a_share_of_the_largest():
    """What is less than that says nothing."""
    array = draw(2, 0, (3, 4), (0, 0))
    array[4, 1, 1:7], array[8, 1, 1:4] = 1, 2  # half as large as the one at 3
    step = Step("r", expect=replace(HALF, body_share=0.5), repair=AsCounted(), writes=(1, 2))
    assert np.array_equal(decode(run_steps([step], (), encode(array, np.eye(4))).labels), array)
    step = replace(step, expect=replace(HALF, body_share=0.51))
    assert not np.array_equal(decode(run_steps([step], (), encode(array, np.eye(4))).labels), array)


@pytest.mark.parametrize(("gap_mm", "found"), [(4.9, False), (5.0, True)])
def test_two_that_are_far_apart_have_not_changed_places(gap_mm, found):
    assert bool(said(draw(2, 1), replace(EXPECT, gap_mm=gap_mm)).findings) == found
