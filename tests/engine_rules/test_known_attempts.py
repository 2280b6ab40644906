"""What is known of earlier attempts makes no difference to what steps find and do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesalius.engine.attempt import attempt_step
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Absent, Into, IntoOther, IntoSurrounding, OnOwnSide, Pieces
from vesalius.engine.known_attempts import KnownAttempts
from vesalius.engine.plan.footprint import footprint
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import Options
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.unchanged import looked_at
from vesalius.engine.undo import run_and_undo

EVERYTHING = range(1, 10)
ANCHORS = (LevelAnchor("middle", (9,), 1, (1.0, 0.0, 0.0)),)


def step(rule, expect, repair=None, severity="warning"):
    made = footprint(Step(rule, expect=expect, repair=repair), ANCHORS, EVERYTHING)
    reads = sorted(made.reads - {0}) if 0 not in made.reads else EVERYTHING
    writes = sorted(made.writes - {0})
    return Step(
        rule, severity, "safe", None, expect, repair, None, False, "skip", (*reads,), (*writes,)
    )


STEPS = (
    step("give", Absent((1,)), Into(2)),
    step("sides", OnOwnSide(((3, 4),), 0, 1.0), IntoOther(((3, 4),)), "error"),
    step("crumbs", Pieces((3,), at_most=1), IntoSurrounding()),
    step("whole", Pieces((2,), at_most=1), None, "error"),
    step("five", Absent((5,)), Into(3)),
    step("few", Pieces((4,), at_most=1), Into(5)),
)


def told(ruled):
    return decode(ruled.labels).tolist(), ruled.turns, [o.timed(0.0) for o in ruled.outcomes]


@given(
    st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 9]), min_size=3, max_size=24),
    st.permutations(STEPS),
)
def test_the_same_as_of_every_step_run_anew(line, steps):
    work = encode(np.array(line, dtype=np.uint8).reshape(-1, 1, 1), np.eye(4))
    options = Options(turns=3)
    known = told(run_and_undo(steps, ANCHORS, work, options=options))
    with pytest.MonkeyPatch.context() as patch:

        def anew(self, at, context, options, known=None):
            return attempt_step(self.steps[at], context, options, known)

        patch.setattr(KnownAttempts, "attempt", anew)
        assert told(run_and_undo(steps, ANCHORS, work, options=options)) == known


def test_an_attempt_in_the_same_state_is_not_made_again(monkeypatch):
    made = []

    def noted(step, *rest):
        made.append(step.rule)
        return attempt_step(step, *rest)

    monkeypatch.setattr("vesalius.engine.known_attempts.attempt_step", noted)
    steps = (step("give", Absent((1,)), Into(2)), step("five", Absent((5,)), Into(3)))
    context = start(encode(np.array([[[1, 5, 2]]], dtype=np.uint8), np.eye(4)), ANCHORS)
    attempts, options = KnownAttempts(steps), Options()
    first = attempts.attempt(0, context, options)
    again = attempts.attempt(0, context, options)
    assert made == ["give"]
    assert decode(again.context.work).tolist() == [[[2, 5, 2]]]
    assert again.context.versions == first.context.versions
    # The other step looks at neither label, before and after; then it is asked to do nothing.
    attempts.attempt(1, context, options)
    moved = attempts.attempt(1, first.context, options)
    assert made == ["give", "five"]
    assert decode(moved.context.work).tolist() == [[[2, 3, 2]]]
    attempts.attempt(1, first.context, Options(repair=False))
    assert made == ["give", "five", "five"]
    # What it looks at was changed.
    attempts.attempt(0, moved.context, options)
    attempts.attempt(1, moved.context, options)
    assert made == ["give", "five", "five", "give", "five"]


def test_what_is_kept_for_a_whole_map_is_not_that_of_another():
    """A change that is made again has its old version: the latest one does not tell maps apart."""
    steps = (step("five", Absent((5,)), Into(3)), step("give", Absent((1,)), Into(2)))
    begin = start(encode(np.array([[[1, 5, 2]]], dtype=np.uint8), np.eye(4)), ANCHORS)
    attempts, options = KnownAttempts(steps), Options()
    one = attempts.attempt(0, begin, options).context
    both = attempts.attempt(1, one, options).context
    other = attempts.attempt(1, begin, options).context
    assert {label: both.versions[label] for label in other.versions} == dict(other.versions)
    assert both.cached_for_map("map", lambda: decode(both.work).tolist()) == [[[2, 3, 2]]]
    assert other.cached_for_map("map", lambda: decode(other.work).tolist()) == [[[2, 5, 2]]]
    assert other.versions.keys() == {1, 2}


def test_what_a_step_looks_at_is_kept_for_its_own_anchors_and_with_its_repair_or_without():
    work = encode(np.zeros((1, 1, 2), np.uint8), np.eye(4))
    others = (LevelAnchor("middle", (8,), 1, (1.0, 0.0, 0.0)),)
    for _ in range(2):
        for anchors, middle in ((ANCHORS, 9), (others, 8)):
            context = start(work, anchors)
            assert looked_at(STEPS[1], context, repair=False) == {3, 4, middle}
            assert looked_at(STEPS[2], context, repair=False) == {3}
            assert looked_at(STEPS[2], context, repair=True) is None
