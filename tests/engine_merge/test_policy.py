"""Which claims count, by hand: three sources, of which the third knows one label only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vesalius.engine.execute import Case, execute
from vesalius.engine.plan.check import plan_problems
from vesalius.engine.plan.plan import Merging, Paint, Plan, SourceTable, WorkLabel
from vesalius.engine.plan.plan_json import plan_to_json
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode, encode

BOTH = ((1, Paint(1)), (2, Paint(2)))
PLAN = Plan(
    target="t",
    # The second label is painted over the first.
    work=(WorkLabel(1, "one", 1, 0, (), 1), WorkLabel(2, "two", 2, 0, (), 2)),
    sources=(
        SourceTable("a", BOTH),
        SourceTable("b", BOTH),
        SourceTable("c", ((2, Paint(2)),)),
    ),
    anchors=(),
)
SAID = {
    # voxel:        0  1  2  3  4  5  6
    "a": np.array([[[1, 1, 0, 2, 2, 1, 0]]], np.uint8),
    "b": np.array([[[1, 0, 0, 2, 0, 1, 0]]], np.uint8),
    "c": np.array([[[0, 0, 2, 0, 2, 2, 0]]], np.uint8),
}


def merged(policy, preferred=(), sources="abc"):
    affine = np.eye(4)
    plan = replace(PLAN, merging=Merging(policy, tuple(preferred)))
    case = Case(Grid((1, 1, 7), affine), (0, 1, 2),
                {s: encode(SAID[s], affine) for s in sources}, {})  # fmt: skip
    made = execute(plan, case)
    return decode(made.labels).ravel().tolist(), made


@pytest.mark.parametrize(
    ("policy", "preferred", "becomes"),
    [
        ("union", "", [1, 1, 2, 2, 2, 2, 0]),
        # Of "one" both who can tell it must say so; of "two" two of three.
        ("vote", "", [1, 0, 0, 2, 2, 1, 0]),
        ("priority", "a", [1, 1, 0, 2, 2, 1, 0]),
        ("priority", "b", [1, 0, 0, 2, 0, 1, 0]),
        # c has "two" to itself; "one" it cannot tell, so the next who can has it.
        ("priority", "cb", [1, 0, 2, 0, 2, 2, 0]),
        # Nobody who is named can tell "one": all count.
        ("priority", "c", [1, 1, 2, 0, 2, 2, 0]),
    ],
)
def test_what_counts(policy, preferred, becomes):
    assert merged(policy, preferred)[0] == becomes


def test_a_source_that_is_not_given_has_no_vote():
    assert merged("vote", sources="a")[0] == SAID["a"].ravel().tolist()
    assert merged("priority", "ba", sources="ac")[0] == [1, 1, 0, 2, 2, 1, 0]


def test_what_is_outvoted_is_told_by_source():
    made = merged("vote")[1]
    lost = {source.token: {i.integer: dict(i.lost_to) for i in source.integers}
            for source in made.tally.sources}  # fmt: skip
    assert lost["a"] == {1: {0: 1}, 2: {}}
    assert lost["c"] == {2: {0: 1, 1: 1}}
    assert [(c.winner, c.loser, c.voxels) for c in made.tally.conflicts] == [(1, 2, 1)]


def test_a_plan_that_unites_is_written_as_before():
    assert "merging" not in plan_to_json(PLAN)
    assert '"policy": "vote"' in plan_to_json(replace(PLAN, merging=Merging("vote")))


@pytest.mark.parametrize(
    ("merging", "told"),
    [
        (Merging("most"), "policy is 'most'"),
        (Merging("vote", ("a",)), "sources are preferred"),
        (Merging("priority", ("x",)), "no source 'x'"),
    ],
)
def test_a_policy_that_cannot_be_is_told(merging, told):
    (problem,) = plan_problems(replace(PLAN, merging=merging))
    assert told in problem
