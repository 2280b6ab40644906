"""Every number of a plan refers to something that exists."""

from dataclasses import replace

import pytest

from vesalius.engine.kinds import (
    Absent,
    FromHu,
    Into,
    IntoNeighbour,
    IntoOther,
    IntoOwner,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
    Located,
    MeanHu,
    OnOwnSide,
    Ordered,
    Pieces,
    Plausible,
    RestOfBody,
    Touching,
    Volume,
)
from vesalius.engine.plan.check import plan_problems, require_valid
from vesalius.engine.plan.plan import (
    BoxAnchor,
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
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import Ahead, Condition, Not, Seen

ONE, TWO = WorkLabel(1, "one", 10, 0, (), 1), WorkLabel(2, "two", 20, 0, (1,), 2)
PLANE = PlaneAnchor("p", (1,), 1, (1, 0, 0), 30, 5)
LEVEL = LevelAnchor("l", (2,), 1, (0, 0, 1))
PLAN = Plan("t", (ONE, TWO), (SourceTable("a", ((1, Paint(1)),)),), (PLANE, LEVEL))
BOX = BoxAnchor("b", (1,), 1)
NAN, INF = float("nan"), float("inf")
UP = (0.0, 0.0, 1.0)


def with_action(action, integer=1):
    return replace(PLAN, sources=(SourceTable("a", ((integer, action),)),))


def with_work(**changes):
    return replace(PLAN, work=(ONE, replace(TWO, **changes)))


def with_anchor(anchor, **changes):
    return replace(PLAN, anchors=(replace(anchor, **changes),))


def with_step(expect=None, repair=None, **more):
    """A plan with one step; its rule anchors are a plane and a box."""
    step = Step("r/s", expect=expect, repair=repair, **more)
    return replace(PLAN, rule_anchors=(PLANE, BOX), steps=(step,))


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


BAD_STEPS = [
    (with_step(), "it has either an expectation or a derivation"),
    (
        with_step(Absent((1,)), derive=RestOfBody(1, 0.0, 0.0)),
        "it has either an expectation or a derivation",
    ),
    (
        with_step(repair=Into(1), derive=RestOfBody(1, 0.0, 0.0)),
        "there is nothing to repair",
    ),
    # Labels.
    (with_step(Absent((1, 3))), ", expect.labels: there is no work label 3"),
    (with_step(Absent((0,))), ", expect.labels: there is no work label 0"),
    (with_step(Touching((1,), (4,), 0.0)), ", expect.others: there is no work label 4"),
    (with_step(OnOwnSide(((1, 3),), 0)), ", expect.pairs: there is no work label 3"),
    (
        with_step(OnOwnSide(((1, 2),), 0, whole_only=(5,))),
        ", expect.whole_only: there is no work label 5",
    ),
    (with_step(Absent((1,)), Into(3)), ", repair.label: there is no work label 3"),
    (with_step(Absent((1,)), IntoOther(((1, 0),))), None),
    (with_step(Absent((1,)), IntoOther(((1, 7),))), ", repair.pairs: there is no work label 7"),
    (
        with_step(Absent((1,)), IntoSurrounding(never=(6,))),
        ", repair.never: there is no work label 6",
    ),
    (with_step(Absent((1,)), IntoOwner(0.5, apart_mm=((1, 0.0), (2, 9.0)))), None),
    (
        with_step(Absent((1,)), IntoOwner(0.5, apart_mm=((6, 1.0),))),
        ", repair.apart_mm: there is no work label 6",
    ),
    (
        with_step(Absent((1,)), IntoOwner(0.5, crumb_ml=((1, -1.0),))),
        ", repair.crumb_ml: -1.0 is not a finite figure of at least 0",
    ),
    (
        with_step(Absent((1,)), IntoNeighbour(((1, (3,)),), 0.0, 6, Into(0))),
        ", repair.neighbours: there is no work label 3",
    ),
    (
        with_step(Absent((1,)), IntoNeighbour(((1, (2,)),), 0.0, 6, Into(9))),
        ", repair.rest.label: there is no work label 9",
    ),
    (
        with_step(derive=FromHu(1, 0.0, 1.0, (), (0, 3))),
        ", derive.over: there is no work label 3",
    ),
    (with_step(derive=FromHu(0, 0.0, 1.0, (), (0,))), ", derive.label: there is no work label 0"),
    (with_step(Absent((1,)), writes=(3,)), ", writes: there is no work label 3"),
    (
        with_step(Absent((1,)), guard=Not(Seen((3,), all_of=False))),
        ", guard.guard.labels: there is no work label 3",
    ),
    # Anchors.
    (
        with_step(Absent((1,), (Condition(2, inside=True),))),
        ", expect.region[0].anchor: there is no rule anchor 2",
    ),
    (with_step(Located((1,), (Condition(1, inside=True),), inside=True)), None),
    (with_step(Plausible(1)), None),
    (with_step(Plausible(-1)), ", expect.anchor: there is no rule anchor -1"),
    (
        with_step(OnOwnSide(((1, 2),), 1)),
        ", expect.anchor: rule anchor 1 is a box and divides nothing",
    ),
    (
        with_step(
            Absent((1,)),
            IntoRegions((((Condition(1, inside=False),), IntoSides(1, 1, 2)),), Into(0)),
        ),
        ", repair.cases[0][1].anchor: rule anchor 1 is a box and divides nothing",
    ),
    # Figures.
    (
        with_step(Pieces((1,), at_most=1, connectivity=4)),
        ", expect.connectivity: 4 is not 6, 18 or 26",
    ),
    (
        with_step(Pieces((1,), at_most=-1)),
        ", expect.at_most: -1 is not at least 0",
    ),
    (
        with_step(Touching((1,), (2,), -1.0)),
        ", expect.gap_mm: -1.0 is not a finite figure of at least 0",
    ),
    (
        with_step(Absent((1,), at_most_ml=NAN)),
        ", expect.at_most_ml: nan is not a finite figure of at least 0",
    ),
    (
        with_step(OnOwnSide(((1, 2),), 0, whole_share=1.5)),
        ", expect.whole_share: 1.5 is not in 0..1",
    ),
    (with_step(MeanHu((1,), at_least_hu=-300.0)), None),
    (with_step(MeanHu((1,), at_most_hu=INF)), ", expect.at_most_hu: inf is not a finite figure"),
    (with_step(Volume((1,), at_least_ml=NAN)), ", expect.at_least_ml: nan is not a finite figure"),
    (
        with_step(Ordered((1, 2), (0.0, 0.0, 0.0))),
        ", expect.direction: (0.0, 0.0, 0.0) is not a direction",
    ),
    (
        with_step(Absent((1,)), guard=Ahead((1,), (2,), (NAN, 0.0, 0.0))),
        ", guard.direction: (nan, 0.0, 0.0) is not a direction",
    ),
    (with_step(derive=RestOfBody(1, 0.0, 5.0, across=UP)), None),
]


@pytest.mark.parametrize(("plan", "problem"), BAD_STEPS)
def test_every_field_of_a_step_is_checked_by_its_role(plan, problem):
    if problem is None:
        assert plan_problems(plan) == ()
    else:
        joint = "" if problem.startswith(",") else ": "
        assert plan_problems(plan) == (f"step 1 (r/s){joint}{problem}",)


def test_rule_anchors_are_checked():
    plan = replace(PLAN, rule_anchors=(replace(LEVEL, labels=(3,)),))
    assert plan_problems(plan) == ("rule anchor 'l': there is no work label 3",)


@pytest.mark.parametrize(("plan", "problem"), CASES)
def test_each_problem_is_told_once(plan, problem):
    assert plan_problems(plan) == (problem,)
    with pytest.raises(ValueError, match="the plan cannot run: "):
        require_valid(plan)


def test_all_problems_at_once():
    plan = replace(with_work(rank=10, output=-1), connectivity=4)
    assert len(plan_problems(plan)) == 3
