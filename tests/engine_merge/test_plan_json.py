"""The plan's file: fixed bytes, exact round trip, clear refusals."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.engine.plan import (
    BoxAnchor,
    Choose,
    Divide,
    Ignore,
    LevelAnchor,
    Lost,
    Paint,
    Plan,
    PlaneAnchor,
    SourceTable,
    WorkLabel,
)
from vesalius.engine.plan_json import plan_digest, plan_from_json, plan_to_json
from vesalius.engine.steps import (
    Absent,
    AllOf,
    Condition,
    FromHu,
    HasImage,
    Into,
    IntoRegions,
    IntoSides,
    MetadataIs,
    Not,
    Pieces,
    Seen,
    Step,
)

PLAN = Plan(
    target="t",
    work=(WorkLabel(1, "one", 10, 0, (), 1), WorkLabel(2, "zwölf", 20, 1, (1,), 0)),
    sources=(
        SourceTable("a", ((1, Paint(1)), (2, Ignore()), (9, Lost("x"))), open=True),
        SourceTable(
            "b",
            (
                (1, Choose("sex", (("m", Paint(0)), ("f", Paint(2))), Ignore())),
                (7, Divide(0, Paint(1), Divide(1, Paint(2), Ignore(), Ignore()), Lost("y"))),
            ),
        ),
    ),
    anchors=(
        PlaneAnchor("p", (1, 2), 2, (1.0, 0.0, 0.0), 30.0, 12.5, (0.0, 1.0, 0.0)),
        LevelAnchor("l", (2,), 1, (0.0, 0.0, -1.0), "far", "mean"),
        BoxAnchor("b", (1,), 1, (0.0, 0.0, 5.0), (1.0, 2.5, 0.0)),
    ),
)

TEXT = """\
{
 "anchors": [
  {
   "labels": [1, 2],
   "max_residual_mm": 12.5,
   "max_tilt_deg": 30.0,
   "min_points": 2,
   "op": "plane",
   "token": "p",
   "toward": [1.0, 0.0, 0.0],
   "within": [0.0, 1.0, 0.0]
  },
  {
   "at": "far",
   "combine": "mean",
   "direction": [0.0, 0.0, -1.0],
   "labels": [2],
   "min_points": 1,
   "op": "level",
   "token": "l"
  },
  {
   "labels": [1],
   "margin_high_mm": [1.0, 2.5, 0.0],
   "margin_low_mm": [0.0, 0.0, 5.0],
   "min_points": 1,
   "op": "box",
   "token": "b"
  }
 ],
 "connectivity": 6,
 "rule_anchors": [],
 "schema": "plan/1",
 "sources": [
  {
   "actions": [
    [1, {"label": 1, "op": "paint"}],
    [2, {"op": "ignore"}],
    [9, {"op": "lost", "token": "x"}]
   ],
   "open": true,
   "token": "a"
  },
  {
   "actions": [
    [
     1,
     {
      "key": "sex",
      "op": "choose",
      "options": [["m", {"label": 0, "op": "paint"}], ["f", {"label": 2, "op": "paint"}]],
      "otherwise": {"op": "ignore"}
     }
    ],
    [
     7,
     {
      "anchor": 0,
      "negative": {
       "anchor": 1,
       "negative": {"op": "ignore"},
       "op": "divide",
       "otherwise": {"op": "ignore"},
       "positive": {"label": 2, "op": "paint"}
      },
      "op": "divide",
      "otherwise": {"op": "lost", "token": "y"},
      "positive": {"label": 1, "op": "paint"}
     }
    ]
   ],
   "open": false,
   "token": "b"
  }
 ],
 "steps": [],
 "target": "t",
 "whole_share": 0.9,
 "work": [
  {"ancestors": [], "label": 1, "output": 1, "rank": 10, "tier": 0, "token": "one"},
  {"ancestors": [1], "label": 2, "output": 0, "rank": 20, "tier": 1, "token": "zw\\u00f6lf"}
 ]
}
"""


def test_golden_text():
    assert plan_to_json(PLAN) == TEXT
    assert plan_from_json(TEXT) == PLAN


def test_golden_digest():
    assert plan_digest(PLAN) == "578295cc22c9fe0c40bce01a21aeafee5d3a35210b54067ac2d0e391fe9730eb"


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_round_trip(data, plan_strategy):
    plan = data.draw(plan_strategy)
    text = plan_to_json(plan)
    assert text.endswith("}\n")
    assert text.isascii()
    assert plan_from_json(text) == plan
    assert plan_to_json(plan_from_json(text)) == text
    # The layout is only layout.
    assert plan_from_json(json.dumps(json.loads(text))) == plan


def test_equal_plans_have_equal_bytes():
    anchor = PLAN.anchors[0]
    other = replace(
        PLAN,
        anchors=(
            replace(
                anchor,
                max_tilt_deg=30,
                max_residual_mm=np.float64(12.5),
                toward=(1, -0.0, np.float64(0)),
            ),
            *PLAN.anchors[1:],
        ),
        connectivity=np.int64(6),
    )
    assert other == PLAN
    assert plan_to_json(other) == TEXT
    assert plan_digest(other) == plan_digest(PLAN)


@given(share=st.floats(0.5, 1.0))
@settings(deadline=None, max_examples=50)
def test_floats_are_exact(share):
    plan = replace(PLAN, whole_share=share)
    assert plan_from_json(plan_to_json(plan)).whole_share == share


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_not_written(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        plan_to_json(replace(PLAN, whole_share=value))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("plan/1", "plan/2", "the plan has the schema 'plan/2', this version reads 'plan/1'"),
        ('"schema": "plan/1",', "", "no `schema` key"),
        (TEXT, "[]", "no `schema` key"),
        (TEXT, "{", "not a plan: Expecting property name"),
        (TEXT, "[" * 100_000, "not a plan: "),
        ('"op": "ignore"', '"op": "ignroe"', "plan.sources[0].actions[1][1]: unknown op `ignroe`"),
        ('"op": "level"', '"op": "lvl"', "plan.anchors[1]: unknown op `lvl`; ops: plane, "),
        ('{"op": "ignore"}', "3", "plan.sources[0].actions[1][1]: expected a mapping with an `op`"),
        ('"target": "t"', '"target": "t", "x": 1', "plan: unknown key `x`"),
        ('"target": "t",', "", "plan: the key `target` is missing"),
        ('"target": "t"', '"target": 4', "plan.target: expected a text, not 4"),
        ('"target": "t"', '"target": "t", "target": "u"', "the key `target` is written twice"),
        ('"open": true', '"open": 1', "plan.sources[0].open: expected true or false, not 1"),
        ("[1, 2]", "[1, true]", "plan.anchors[0].labels[1]: expected an integer, not true"),
        ("[1, 2]", "[1, 2.0]", "plan.anchors[0].labels[1]: expected an integer, not 2.0"),
        ("[1, 2]", "7", "plan.anchors[0].labels: expected a list, not 7"),
        ("12.5", '"12.5"', "plan.anchors[0].max_residual_mm: expected a number"),
        ("12.5", "NaN", "NaN is not a finite number"),
        ("12.5", "1e999", "anchor 'p': max_residual_mm is inf"),
        ("[1.0, 0.0, 0.0]", "[1.0, 0.0]", "plan.anchors[0].toward: expected three numbers"),
        ('[2, {"op": "ignore"}]', "[2]", "plan.sources[0].actions[1]: expected a list of two"),
        ('"anchor": 0', '"anchor": 3', "source 'b', integer 7: there is no anchor 3"),
    ],
)  # fmt: skip
def test_refusals_name_the_place(old, new, message):
    assert old in TEXT
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        plan_from_json(TEXT.replace(old, new, 1))
    assert message in str(refusal.value)


STEPS = (
    Step(
        rule="a/b",
        severity="warning",
        guard=AllOf((MetadataIs("k", ("v",)), Not(Seen((1,), all_of=True)), HasImage())),
        expect=Absent((1, 2), (Condition(0, inside=True),), per="voxel", at_most_ml=0.5),
        repair=IntoSides(0, 1, 2),
        reads=(1,),
        writes=(1, 2),
    ),
    Step(rule="c", expect=Pieces((2,), at_most=1), repair=IntoRegions((), Into(0))),
    Step(rule="d", derive=FromHu(2, 350.0, 3000.0, (), (0,), keep_largest=None)),
)


def test_steps_survive_the_round_trip():
    plan = replace(PLAN, steps=STEPS, rule_anchors=PLAN.anchors)
    text = plan_to_json(plan)
    assert plan_from_json(text) == plan
    assert plan_to_json(plan_from_json(text)) == text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"op": "Pieces"', '"op": "Piece"', "plan.steps[1].expect: unknown op `Piece`; ops: "),
        ('"at_most": 1', '"at_mst": 1', "plan.steps[1].expect: unknown key `at_mst`"),
        ('"at_most": 1', '"at_most": 1.5', "plan.steps[1].expect.at_most: expected int, not 1.5"),
        ('"severity": "warning"', '"severity": "bad"', "plan.steps[0].severity: expected one of"),
        ('"lo_hu"', '"low_hu"', "plan.steps[2].derive: unknown key `low_hu`"),
    ],
)
def test_refused_steps_name_the_place(old, new, message):
    text = plan_to_json(replace(PLAN, steps=STEPS))
    assert text.count(old) >= 1
    head, _, tail = text.rpartition(old)
    with pytest.raises(ValueError, match="plan") as caught:
        plan_from_json(head + new + tail)
    assert message in str(caught.value)
