"""What rules propose: what a run that makes repairs does, found in one run that changes nothing."""

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from vesalius.engine.judging.context import ArrayImage
from vesalius.engine.kinds import Absent, FromHu, Into, IntoSurrounding, Pieces, Present
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import Options
from vesalius.engine.runs.labelmap import encode
from vesalius.engine.undo import run_and_undo

ALL = tuple(range(1, 8))


def in_rules(steps, data):
    """Put neighbouring steps into one rule, of one safety, as a rule is lowered."""
    number, grouped = 0, []
    for step in steps:
        number += data.draw(st.booleans())
        first = next((s for s in grouped if s.rule == f"rule {number}"), step)
        grouped.append(replace(step, rule=f"rule {number}", safety=first.safety))
    return grouped


@settings(max_examples=120)
@given(data=st.data())
def test_proposals_are_what_runs_do(cases, data):
    case = data.draw(cases(n_steps=5))
    steps = in_rules(case.steps, data)
    work = encode(case.array, case.affine)
    rules = sorted({step.rule for step in steps})
    asked = frozenset(data.draw(st.lists(st.sampled_from(rules), unique=True)))

    turns = data.draw(st.sampled_from([1, 1, 3]))

    def run(**options):
        how = Options(turns=turns, **options)
        return run_and_undo(steps, case.anchors, work, case.metadata, options=how)

    def outcomes(**options):
        return run(**options).outcomes

    ruled = run(propose=asked)
    assert ruled.labels is work
    assert [replace(o, proposed=None) for o in ruled.outcomes] == list(outcomes(repair=False))
    wanted = {o.rule for o in ruled.outcomes if o.findings or o.status == "failed"} & asked
    repaired = outcomes()
    for at, (step, outcome) in enumerate(zip(steps, ruled.outcomes, strict=True)):
        if step.rule not in wanted:
            assert outcome.proposed is None
        elif step.safety == "safe":
            assert outcome.proposed == repaired[at]
        else:
            assert outcome.proposed == outcomes(unsafe=frozenset({step.rule}))[at]


def row(values):
    return encode(np.array(values, dtype=np.uint8).reshape(-1, 1, 1), np.eye(4))


def propose(values, *steps, image=None):
    rules = frozenset(step.rule for step in steps)
    ruled = run_and_undo(steps, (), row(values), image=image, options=Options(propose=rules))
    return ruled.outcomes


def moved(outcome):
    return [(move.source, move.target, move.voxels) for move in outcome.proposed.moves]


def test_a_safe_repair_counts_for_the_rules_after_it():
    first = Step("a", expect=Absent((1,)), repair=Into(2), writes=ALL)
    second = Step("b", expect=Pieces((2,), at_most=1), repair=Into(0), writes=ALL)
    one, other = propose([1, 0, 2, 2, 0, 2], first, second)
    assert moved(one) == [(1, 2, 1)]
    # Two of the three pieces go, though only one of them is found in the map as it is.
    assert [finding.voxels for finding in other.findings] == [1]
    assert moved(other) == [(2, 0, 2)]


def test_an_unsafe_repair_counts_for_its_own_rule_only():
    unsafe = Step("a", "error", "unsafe", expect=Absent((1,)), repair=Into(2), writes=ALL)
    again = replace(unsafe, expect=Absent((2,)), repair=Into(3))
    after = Step("b", expect=Absent((1, 2)), repair=Into(0), writes=ALL)
    outcomes = propose([1, 1, 2], unsafe, again, after)
    assert [moved(outcome) for outcome in outcomes] == [
        [(1, 2, 2)],
        [(2, 3, 3)],
        [(1, 0, 2), (2, 0, 1)],
    ]
    assert [outcome.status for outcome in outcomes] == ["violated"] * 3


def test_what_earlier_rules_mended_leaves_nothing_to_do():
    first = Step("a", expect=Absent((1,)), repair=Into(0), writes=ALL)
    second = Step("b", expect=Absent((1,)), repair=Into(2), writes=ALL)
    one, other = propose([1, 1], first, second)
    assert moved(one) == [(1, 0, 2)]
    assert (other.status, other.proposed.status, moved(other)) == ("violated", "holds", [])


def test_what_a_run_takes_back_is_not_proposed():
    """The first one's repair breaks the second, more severe one, so that a run undoes it."""
    first = Step("a", "warning", expect=Absent((1,)), repair=Into(2), writes=ALL)
    second = Step("b", "error", expect=Pieces((2,), at_most=1), writes=ALL)
    one, _ = propose([1, 0, 2, 2], first, second)
    assert moved(one) == []
    assert "undone, for after it b had 1 finding more" in one.proposed.reason


def test_what_is_derived_counts_too():
    """A derivation proposes nothing, for it finds nothing."""
    image = ArrayImage(np.array([500.0, 0.0, 0.0]).reshape(-1, 1, 1))
    made = Step("a", derive=FromHu(3, 300.0, 900.0, (), (0,)), writes=ALL)
    judged = Step("b", expect=Absent((1,)), repair=IntoSurrounding(), writes=ALL)
    one, other = propose([0, 1, 0], made, judged, image=image)
    assert (one.status, one.proposed) == ("skipped", None)
    assert moved(other) == [(1, 3, 1)]


def test_a_rule_without_repair_says_so():
    (outcome,) = propose([0, 1], Step("a", expect=Present((2,))))
    assert (outcome.proposed.status, outcome.proposed.reason, moved(outcome)) == (
        "violated",
        "",
        [],
    )
