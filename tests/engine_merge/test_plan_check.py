"""Every number of a plan refers to something that exists."""

from dataclasses import replace

import pytest

from vesalius.engine.plan import (
    Choose,
    Divide,
    Ignore,
    LevelAnchor,
    Paint,
    Plan,
    PlaneAnchor,
    SourceTable,
    WorkLabel,
)
from vesalius.engine.plan_check import plan_problems, require_valid

ONE, TWO = WorkLabel(1, "one", 10, 0, (), 1), WorkLabel(2, "two", 20, 0, (1,), 2)
PLANE = PlaneAnchor("p", (1,), 1, (1, 0, 0), 30, 5)
LEVEL = LevelAnchor("l", (2,), 1, (0, 0, 1))
PLAN = Plan("t", (ONE, TWO), (SourceTable("a", ((1, Paint(1)),)),), (PLANE, LEVEL))


def with_action(action, integer=1):
    return replace(PLAN, sources=(SourceTable("a", ((integer, action),)),))


def with_work(**changes):
    return replace(PLAN, work=(ONE, replace(TWO, **changes)))


def with_anchor(anchor, **changes):
    return replace(PLAN, anchors=(replace(anchor, **changes),))


def test_a_valid_plan():
    assert plan_problems(PLAN) == ()
    require_valid(PLAN)
    assert plan_problems(Plan("t", (), (), ())) == ()


CASES = [
    (with_work(label=3), "work: the labels are not 1, 2, 3 ... in order"),
    (with_work(token="one"), "work: two labels have the token 'one'"),
    (with_work(rank=10), "work: two labels have the rank 10"),
    (with_work(output=65536), "work label 2: the output 65536 is not in 0..65535"),
    (with_work(output=-1), "work label 2: the output -1 is not in 0..65535"),
    (with_work(ancestors=(2,)), "work label 2: 2 cannot be its ancestor"),
    (with_work(ancestors=(3,)), "work label 2: 3 cannot be its ancestor"),
    (
        replace(PLAN, sources=(SourceTable("b", ()), SourceTable("a", ()))),
        "sources: the tokens are not unique and in order",
    ),
    (
        replace(PLAN, sources=(SourceTable("a", ((2, Ignore()), (1, Ignore()))),)),
        "source 'a': the integers are not unique and in order",
    ),
    (with_action(Ignore(), 0), "source 'a', integer 0: not in 1..65535"),
    (with_action(Ignore(), 65536), "source 'a', integer 65536: not in 1..65535"),
    (with_action(Paint(3)), "source 'a', integer 1: there is no work label 3"),
    (with_action(Paint(-1)), "source 'a', integer 1: there is no work label -1"),
    (
        with_action(Choose("k", (("x", Divide(2, Ignore(), Ignore(), Ignore())),), Ignore())),
        "source 'a', integer 1: there is no anchor 2",
    ),
    (
        with_action(Divide(0, Ignore(), Ignore(), Choose("k", (), Paint(9)))),
        "source 'a', integer 1: there is no work label 9",
    ),
    (
        with_action(Choose("k", (("x", Ignore()), ("x", Paint(1))), Ignore())),
        "source 'a', integer 1: two options for the value 'x'",
    ),
    (replace(PLAN, anchors=(PLANE, PLANE)), "anchors: two have the token 'p'"),
    (with_anchor(PLANE, labels=(3,)), "anchor 'p': there is no work label 3"),
    (with_anchor(PLANE, labels=(1, 1)), "anchor 'p': work label 1 is written twice"),
    (with_anchor(PLANE, min_points=0), "anchor 'p': min_points is 0, at least 1 is needed"),
    (with_anchor(PLANE, toward=(0, 0, 0)), "anchor 'p': toward (0, 0, 0) is not a direction"),
    (
        with_anchor(PLANE, within=(0, float("nan"), 0)),
        "anchor 'p': within (0, nan, 0) is not a direction",
    ),
    (
        with_anchor(PLANE, max_tilt_deg=90),
        "anchor 'p': max_tilt_deg is 90, not at least 0 and below 90",
    ),
    (
        with_anchor(PLANE, max_residual_mm=float("nan")),
        "anchor 'p': max_residual_mm is nan, not a finite length",
    ),
    (
        with_anchor(LEVEL, direction=(0, 0, 0)),
        "anchor 'l': direction (0, 0, 0) is not a direction",
    ),
    (with_anchor(LEVEL, at="middle"), "anchor 'l': at is 'middle', not centre, far or near"),
    (replace(PLAN, connectivity=4), "connectivity is 4, not 6, 18 or 26"),
    (replace(PLAN, whole_share=0.4), "whole_share is 0.4, not in 0.5..1"),
]


@pytest.mark.parametrize(("plan", "problem"), CASES)
def test_each_problem_is_told_once(plan, problem):
    assert plan_problems(plan) == (problem,)
    with pytest.raises(ValueError, match="the plan cannot run: "):
        require_valid(plan)


def test_all_problems_at_once():
    plan = replace(with_work(rank=10, output=-1), connectivity=4)
    assert len(plan_problems(plan)) == 3
