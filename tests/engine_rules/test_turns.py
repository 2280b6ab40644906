"""Steps run again until nothing changes: drawn on a line of voxels, as the oracle runs them."""

import numpy as np
import pytest

from oracle import run as oracle
from oracle.state import State
from oracle.undo import run_and_undo as oracle_undo
from vesalius.engine.judging.verdict import Outcome
from vesalius.engine.kinds import Absent, Into, Pieces, Volume
from vesalius.engine.plan.footprint import footprint
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import Not, Seen
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.turns import both_turns
from vesalius.engine.undo import run_and_undo


def step(rule, expect, repair=None, guard=None):
    made = Step(rule, severity="warning", guard=guard, expect=expect, repair=repair)
    found = footprint(made, (), range(1, 10))
    return Step(
        rule,
        severity="warning",
        guard=guard,
        expect=expect,
        repair=repair,
        reads=tuple(sorted(found.reads - {0})),
        writes=tuple(sorted(found.writes - {0})),
    )


# Each waits for the one after it: 1 becomes 2 where there is no 3, and 3 becomes 4 without a 5.
LAST_FIRST = (
    step("one", Absent((1,)), Into(2), guard=Not(Seen((3,), all_of=False))),
    step("three", Absent((3,)), Into(4), guard=Not(Seen((5,), all_of=False))),
    step("five", Absent((5,)), Into(6)),
)
# And these never rest.
TO_AND_FRO = (
    step("to", Absent((1,)), Into(2), guard=Not(Seen((3,), all_of=False))),
    step("fro", Absent((2,)), Into(1)),
)


def run(line, steps, turns):
    work = np.array(line, dtype=np.uint8).reshape(-1, 1, 1)
    ruled = run_steps(steps, (), encode(work, np.eye(4)), options=Options(turns=turns, trace=True))
    state = State(work.astype(np.int64), np.eye(4))
    after, outcomes, trace = oracle.run_steps(steps, state, turns=turns)
    labels = decode(ruled.labels, np.uint8)
    assert np.array_equal(labels, after.work)
    assert np.array_equal(decode(ruled.trace), trace)
    for own, other in zip(ruled.outcomes, outcomes, strict=True):
        assert own.status == other.status
        assert tuple((m.source, m.target, m.voxels) for m in own.moves) == other.moves
        assert len(own.findings) == len(other.findings)
    return labels.reshape(-1).tolist(), ruled


@pytest.mark.parametrize(
    ("turns", "after", "made", "settled"),
    [
        (1, [1, 0, 3, 3, 0, 6], 1, False),
        (2, [1, 0, 4, 4, 0, 6], 2, False),
        (3, [2, 0, 4, 4, 0, 6], 3, False),
        (4, [2, 0, 4, 4, 0, 6], 4, True),
        (9, [2, 0, 4, 4, 0, 6], 4, True),
    ],
)
def test_what_waits_for_another_is_done_in_a_later_turn(turns, after, made, settled):
    labels, ruled = run([1, 0, 3, 3, 0, 5], LAST_FIRST, turns)
    assert (labels, ruled.turns, ruled.settled) == (after, made, settled)


def test_the_outcome_tells_of_all_turns():
    _, ruled = run([1, 0, 3, 3, 0, 5], LAST_FIRST, 4)
    assert [o.status for o in ruled.outcomes] == ["changed"] * 3
    assert [m.voxels for o in ruled.outcomes for m in o.moves] == [1, 2, 1]
    assert ruled.outcomes[1].findings[0].voxels == 2
    # The step that wrote a voxel last.
    assert decode(ruled.trace).reshape(-1).tolist() == [1, 0, 2, 2, 0, 3]


def test_moves_of_several_turns_are_added_up():
    labels, ruled = run([1, 1, 0], TO_AND_FRO, 3)
    assert (labels, ruled.turns, ruled.settled) == ([1, 1, 0], 3, False)
    (there,), (back,) = (o.moves for o in ruled.outcomes)
    assert (there.source, there.target, there.voxels) == (1, 2, 6)
    assert there.ml == pytest.approx(0.006)
    assert there.box_ijk == ((0, 0, 0), (2, 1, 1))
    assert back.voxels == 6
    # What is found again is found once.
    assert len(ruled.outcomes[0].findings) == 1


def test_a_map_that_is_right_takes_one_turn():
    labels, ruled = run([2, 0, 4, 6], LAST_FIRST, 9)
    assert (labels, ruled.turns, ruled.settled) == ([2, 0, 4, 6], 1, True)


def test_what_was_undone_is_tried_with_the_result():
    # 1 becomes 2, which is then in two pieces; 5 fills the gap, but only afterwards.
    steps = (
        step("give", Absent((1,)), Into(2)),
        step("whole", Pieces((2,), at_most=1)),
        step("fill", Absent((5,)), Into(2), guard=Not(Seen((6,), all_of=False))),
        step("six", Absent((6,)), Into(7)),
        step("sizes", Volume((2,), at_least_ml=0.0)),
    )
    work = np.array([2, 2, 5, 1, 0, 6], dtype=np.uint8).reshape(-1, 1, 1)
    for turns in (1, 3):
        encoded = encode(work, np.eye(4))
        ruled = run_and_undo(steps, (), encoded, options=Options(turns=turns))
        state = State(work.astype(np.int64), np.eye(4))
        after, outcomes, _ = oracle_undo(steps, state, turns)
        labels = decode(ruled.labels, np.uint8)
        assert np.array_equal(labels, after.work)
        assert [o.status for o in ruled.outcomes] == [o.status for o in outcomes]
        wanted = [2, 2, 5, 1, 0, 7] if turns == 1 else [2, 2, 2, 2, 0, 7]
        assert labels.reshape(-1).tolist() == wanted
    again = run_and_undo(steps, (), ruled.labels, options=Options(turns=3))
    assert again.labels.same_as(ruled.labels)


def test_a_repair_that_was_taken_back_did_not_fail_where_others_mend_the_map():
    # A piece that becomes 2 is another piece still; later 5 fills the gap.
    steps = (
        step("whole", Pieces((1, 2), at_most=1, joint=True), Into(2)),
        step("fill", Absent((5,)), Into(2)),
    )
    _, once = run([1, 1, 5, 2], steps, 1)
    assert [o.status for o in once.outcomes] == ["failed", "changed"]
    labels, ruled = run([1, 1, 5, 2], steps, 3)
    whole = ruled.outcomes[0]
    assert (labels, whole.status, whole.remaining) == ([1, 1, 2, 2], "violated", ())
    assert len(whole.findings) == 1
    assert whole.reason.startswith("taken back")


def test_what_could_not_be_judged_at_first_is_as_it_was_found_later():
    failed = Outcome("rule", "failed", "no anchor")
    holds = Outcome("rule", "holds")
    assert both_turns(failed, holds) == holds
    assert both_turns(failed, failed) == failed
    assert both_turns(holds, failed) == holds
