"""The plan's file: fixed bytes, exact figures, the same for equal plans."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.engine.kinds import Absent, FromHu, Into, IntoRegions, IntoSides, Pieces
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
from vesalius.engine.plan.plan_json import plan_digest, plan_to_json
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import AllOf, Condition, HasImage, MetadataIs, Not, Seen

PLAN = Plan(
    target="t",
    work=(WorkLabel(1, "one", 10, 0, (), 1), WorkLabel(2, "zwölf", 20, 1, (1,), 0)),
    sources=(
        SourceTable("a", ((1, Paint(1)), (2, Ignore()), (9, Paint(0))), open=True),
        SourceTable(
            "b",
            (
                (1, Choose("sex", (("m", Paint(0)), ("f", Paint(2))), Ignore())),
                (7, Divide(0, Paint(1), Divide(1, Paint(2), Ignore(), Ignore()), Ignore())),
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
   "outlier_factor": 3.0,
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
    [9, {"label": 0, "op": "paint"}]
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
      "otherwise": {"op": "ignore"},
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
 "turns": 1,
 "whole_share": 0.9,
 "work": [
  {"ancestors": [], "label": 1, "output": 1, "rank": 10, "tier": 0, "token": "one"},
  {"ancestors": [1], "label": 2, "output": 0, "rank": 20, "tier": 1, "token": "zw\\u00f6lf"}
 ]
}
"""


def test_golden_text():
    assert plan_to_json(PLAN) == TEXT


def test_golden_digest():
    assert plan_digest(PLAN) == "cc0ba3dcebb13805e813655a8e2f9406418bd05ee0ab5a5a294c2c6861469309"


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_the_text_is_json_with_every_label_and_integer(data, plan_strategy):
    plan = data.draw(plan_strategy)
    text = plan_to_json(plan)
    assert text.endswith("}\n")
    assert text.isascii()
    written = json.loads(text)
    assert [
        WorkLabel(**{**entry, "ancestors": tuple(entry["ancestors"])}) for entry in written["work"]
    ] == list(plan.work)
    assert [
        (source["token"], source["open"], [integer for integer, _ in source["actions"]])
        for source in written["sources"]
    ] == [
        (source.token, source.open, [integer for integer, _ in source.actions])
        for source in plan.sources
    ]


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
    assert json.loads(plan_to_json(plan))["whole_share"] == share


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_not_written(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        plan_to_json(replace(PLAN, whole_share=value))


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


GOLDEN = [
    {
        "expect": {
            "at_most_ml": 0.5,
            "labels": [1, 2],
            "op": "Absent",
            "per": "voxel",
            "region": [{"anchor": 0, "inside": True, "op": "Condition"}],
        },
        "guard": {
            "guards": [
                {"key": "k", "op": "MetadataIs", "values": ["v"]},
                {"guard": {"all_of": True, "labels": [1], "op": "Seen"}, "op": "Not"},
                {"op": "HasImage"},
            ],
            "op": "AllOf",
        },
        "op": "Step",
        "reads": [1],
        "repair": {"anchor": 0, "negative": 2, "op": "IntoSides", "positive": 1},
        "rule": "a/b",
        "severity": "warning",
        "writes": [1, 2],
    },
    {
        "expect": {"at_most": 1, "labels": [2], "op": "Pieces"},
        "op": "Step",
        "repair": {"cases": [], "op": "IntoRegions", "otherwise": {"label": 0, "op": "Into"}},
        "rule": "c",
    },
    {
        "derive": {
            "hi_hu": 3000.0,
            "label": 2,
            "lo_hu": 350.0,
            "op": "FromHu",
            "over": [0],
            "region": [],
        },
        "op": "Step",
        "rule": "d",
    },
]


def test_golden_text_of_steps():
    """What has its default is left out."""
    written = json.loads(plan_to_json(replace(PLAN, steps=STEPS, rule_anchors=PLAN.anchors)))
    assert written["rule_anchors"] == written["anchors"]
    assert written["steps"] == GOLDEN
