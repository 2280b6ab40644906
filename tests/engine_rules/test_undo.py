"""What a repair moves is undone where another rule is worse for it."""

import numpy as np
import pytest

from oracle.state import State
from oracle.undo import run_and_undo as oracle_run
from vesalius.engine.kinds import Absent, Into, IntoOther, OnOwnSide, Pieces, Volume
from vesalius.engine.plan.footprint import footprint
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import Options
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.undo import run_and_undo

EVERYTHING = range(1, 10)
# The level through label 9; its positive side is that of larger i.
ANCHORS = (LevelAnchor("middle", (9,), 1, (1.0, 0.0, 0.0)),)
APART = [2, 2, 0, 1, 0, 3, 3, 0, 9]


def step(rule, expect, repair=None, severity="warning"):
    made = Step(rule, severity=severity, expect=expect, repair=repair)
    found = footprint(made, ANCHORS, EVERYTHING)
    reads = sorted(found.reads - {0}) if 0 not in found.reads else list(EVERYTHING)
    return Step(
        rule,
        severity=severity,
        expect=expect,
        repair=repair,
        reads=tuple(reads),
        writes=tuple(sorted(found.writes - {0})),
    )


def run(line, *steps):
    """Run steps on a line of voxels, as the oracle does; return it after them, with outcomes."""
    work = np.array(line, dtype=np.uint8).reshape(-1, 1, 1)
    ruled = run_and_undo(steps, ANCHORS, encode(work, np.eye(4)), options=Options())
    after = decode(ruled.labels, np.uint8)
    state, outcomes, _ = oracle_run(steps, State(work.astype(np.int64), np.eye(4), ANCHORS))
    assert np.array_equal(after, state.work)
    assert [o.status for o in ruled.outcomes] == [o.status for o in outcomes]
    return after.reshape(-1).tolist(), ruled.outcomes


GIVE = step("give", Absent((1,)), Into(2))
WHOLE = step("whole", Pieces((2,), at_most=1))


def test_a_move_that_makes_another_rule_worse_is_undone():
    after, (given, whole) = run(APART, GIVE, WHOLE)
    assert after == APART
    assert given.status == "violated"
    assert given.reason == "not repaired: undone, for after it whole had 1 finding more"
    assert whole.status == "holds"


def test_a_rule_that_was_as_bad_before_undoes_nothing():
    line = [2, 2, 0, 2, 1, 0, 9]
    after, (given, _) = run(line, GIVE, WHOLE)
    assert after == [2, 2, 0, 2, 2, 0, 9]
    assert given.status == "changed"


def test_a_rule_about_what_was_not_there_undoes_nothing():
    large = step("large", Volume((2,), at_least_ml=1.0))
    after, _ = run([0, 1, 0, 9], GIVE, large)
    assert after == [0, 2, 0, 9]


@pytest.mark.parametrize(("severity", "undone"), [("info", False), ("error", True)])
def test_a_milder_rule_undoes_nothing(severity, undone):
    whole = step("whole", Pieces((2,), at_most=1), severity=severity)
    after, _ = run(APART, GIVE, whole)
    assert (after == APART) == undone


def test_what_is_not_to_blame_stays_done():
    other = step("other", Absent((3,)), Into(4))
    after, (_, given, _) = run(APART, other, GIVE, WHOLE)
    assert after == [2, 2, 0, 1, 0, 4, 4, 0, 9]
    assert given.status == "violated"


def test_of_one_step_only_the_moves_to_blame_are_undone():
    both = step("both", Absent((1, 3)), IntoOther(((1, 2), (3, 4))))
    after, (given, _) = run(APART, both, WHOLE)
    assert after == [2, 2, 0, 1, 0, 4, 4, 0, 9]
    assert given.status == "changed"
    assert given.reason == "left as it was: undone, for after it whole had 1 finding more"


def test_two_that_changed_names_change_them_back_together():
    swap = step("swap", OnOwnSide(((1, 2),), 0), IntoOther(((1, 2),)))
    line = [1, 1, 0, 1, 9, 2, 2]
    after, _ = run(line, swap)
    assert after == [2, 2, 0, 2, 9, 1, 1]
    # 2 had one piece, and has two.
    after, (swapped, _) = run(line, swap, WHOLE)
    assert after == line
    assert swapped.status == "violated"


def test_what_a_step_reads_is_asked_where_its_findings_tell_nothing():
    # Label 5 lies beyond the level through 9, which moves with 9.
    grown = step("grown", Absent((1,)), Into(9))
    side = step("side", OnOwnSide(((5, 6),), 0))
    line = [9, 0, 0, 5, 0, 0, 0, 0, 1]
    after, (moved, _) = run(line, grown, side)
    assert after == line
    assert moved.status == "violated"


def test_the_last_one_that_did_it_is_undone_first():
    first = step("first", Absent((1,)), Into(2))
    second = step("second", Absent((3,)), Into(2))
    one = step("one", Pieces((2,), at_most=2))
    after, (given, taken, _) = run(APART, first, second, one)
    assert after == [2, 2, 0, 2, 0, 3, 3, 0, 9]
    assert (given.status, taken.status) == ("changed", "violated")
