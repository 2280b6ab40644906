"""What steps may and may not do: every outcome, its reason, and what is taken back."""

import numpy as np
import pytest

from vesalius.engine.kinds import (
    Absent,
    Into,
    IntoOther,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
    Located,
    OnOwnSide,
    Pieces,
    Plausible,
    Present,
)
from vesalius.engine.plan.plan import LevelAnchor, PlaneAnchor
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import Condition, MetadataIs, Seen
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode

ANCHORS = (
    LevelAnchor("level", (3,), 1, (1.0, 0.0, 0.0)),
    LevelAnchor("lost", (8, 9), 2, (1.0, 0.0, 0.0)),
    PlaneAnchor("tilted", (1, 2, 3), 3, (0.0, 0.0, 1.0), 20.0, 5.0, (0.0, 0.0, 1.0)),
)
NO_ANCHOR = "the anchor lost is missing: 0 of 2 points present, 2 needed"
TOKENS = {1: "one", 2: "two", 3: "three"}


def run(row, *steps, **options):
    """Run steps on a row of voxels along x, 1 mm apart."""
    metadata = options.pop("metadata", {"k": "a"})
    array = np.array(row, dtype=np.uint8).reshape(-1, 1, 1)
    work = encode(array, np.eye(4))
    ruled = run_steps(steps, ANCHORS, work, metadata, options=Options(tokens=TOKENS, **options))
    assert np.array_equal(decode(work), array)
    return ruled


def row(labelmap):
    return decode(labelmap).ravel().tolist()


def only(ruled):
    (outcome,) = ruled.outcomes
    return outcome


def step(expect=None, repair=None, writes=(1, 2, 3, 4), **more):
    return Step("r", expect=expect, repair=repair, writes=writes, reads=(1, 2, 3), **more)


REMOVE_ONE = step(Absent((1,)), Into(0))


def test_holds():
    outcome = only(run([2, 2], REMOVE_ONE))
    assert (outcome.rule, outcome.status, outcome.reason, outcome.findings) == (
        "r",
        "holds",
        "",
        (),
    )


def test_changed():
    ruled = run([1, 2, 1], REMOVE_ONE)
    outcome = only(ruled)
    assert (outcome.status, outcome.reason, outcome.remaining) == ("changed", "", ())
    assert [f.voxels for f in outcome.findings] == [1, 1]
    (move,) = outcome.moves
    assert (move.source, move.target, move.voxels, move.ml) == (1, 0, 2, 0.002)
    assert move.box_ijk == ((0, 0, 0), (3, 1, 1))
    assert row(ruled.labels) == [0, 2, 0]
    assert outcome.seconds > 0


def test_violated_where_there_is_no_repair():
    ruled = run([1, 2], step(Absent((1,))))
    outcome = only(ruled)
    assert (outcome.status, outcome.reason) == ("violated", "")
    assert outcome.remaining == outcome.findings
    assert [f.kind for f in outcome.findings] == ["present"]
    assert row(ruled.labels) == [1, 2]


def test_violated_where_nothing_can_be_moved():
    outcome = only(run([1, 2], step(Present((4,)), Into(1))))
    assert outcome.status == "violated"
    assert outcome.reason == "not repaired: there is nothing to move"
    assert [(f.kind, f.labels) for f in outcome.findings] == [("absent", (4,))]


def test_unsafe_repairs_run_only_where_asked_for():
    unsafe = step(Absent((1,)), Into(0), safety="unsafe")
    for asked in (False, frozenset({"other"})):
        ruled = run([1], unsafe, unsafe=asked)
        assert only(ruled).status == "violated"
        assert only(ruled).reason == "not repaired: it is unsafe and was not asked for"
        assert row(ruled.labels) == [1]
    for asked in (True, frozenset({"r"})):
        assert row(run([1], unsafe, unsafe=asked).labels) == [0]


def test_judging_only_changes_nothing():
    ruled = run([1, 2], REMOVE_ONE, repair=False)
    assert only(ruled).status == "violated"
    assert only(ruled).reason == "not repaired: nothing is to be changed"
    assert row(ruled.labels) == [1, 2]


@pytest.mark.parametrize(
    ("guard", "reason"),
    [
        (MetadataIs("k", ("b",)), "does not apply: k is a"),
        (MetadataIs("m", ("b",)), "unknown: the case does not say m"),
        (Seen((2,), all_of=True), "does not apply: absent: two"),
    ],
)
def test_skipped_by_the_guard(guard, reason):
    ruled = run([1], step(Absent((1,)), Into(0), guard=guard))
    assert (only(ruled).status, only(ruled).reason) == ("skipped", reason)
    assert row(ruled.labels) == [1]


LOST = (Condition(1, inside=True),)


@pytest.mark.parametrize(
    "expect",
    [
        Absent((1,), LOST),
        Absent((1,), LOST, "voxel"),
        Located((1,), LOST, inside=True),
        OnOwnSide(((1, 2),), 1),
        Plausible(1),
    ],
)
def test_a_missing_anchor_is_a_reason(expect):
    outcome = only(run([1, 2], step(expect, Into(0), exclude=True)))
    assert (outcome.status, outcome.reason, outcome.excludes) == ("skipped", NO_ANCHOR, False)
    outcome = only(run([1, 2], step(expect, Into(0), exclude=True, on_missing="fail")))
    assert (outcome.status, outcome.reason, outcome.excludes) == ("failed", NO_ANCHOR, True)


@pytest.mark.parametrize("repair", [IntoSides(1, 1, 2), IntoRegions(((LOST, Into(0)),), Into(0))])
def test_a_repair_that_lacks_its_anchor_leaves_the_violation(repair):
    ruled = run([1, 2], step(Absent((1,)), repair))
    outcome = only(ruled)
    assert (outcome.status, outcome.reason) == ("violated", f"not repaired: {NO_ANCHOR}")
    assert outcome.remaining == outcome.findings != ()
    assert row(ruled.labels) == [1, 2]
    assert only(run([1], step(Absent((1,)), repair, on_missing="fail"))).status == "failed"


def test_a_region_that_is_not_reached_needs_no_anchor():
    reached = ((Condition(0, inside=True),), Into(4))
    repair = IntoRegions((reached, (LOST, Into(0))), Into(0))
    assert row(run([2, 3, 1], step(Absent((1,)), repair)).labels) == [2, 3, 4]
    assert only(run([1, 3, 1], step(Absent((1,)), repair))).status == "violated"


def test_an_implausible_anchor_is_a_finding_of_its_own_and_a_reason_for_others():
    array = np.zeros((9, 9, 5), dtype=np.uint8)
    array[1, 1, 1], array[1, 7, 2], array[1, 4, 3] = 1, 2, 3
    work = encode(array, np.eye(4))
    steps = [step(Plausible(2), exclude=True), step(Absent((1,), (Condition(2, inside=True),)))]
    ruled = run_steps(steps, ANCHORS, work)
    first, second = ruled.outcomes
    assert first.status == "violated"
    (finding,) = first.findings
    assert finding.kind == "implausible"
    assert "tilted by 90.0 deg, at most 20" in finding.note
    assert dict(finding.values)["tilt_deg"] == pytest.approx(90)
    assert first.excludes
    assert second.status == "skipped"
    assert second.reason.startswith("the anchor tilted is implausible: tilted by 90.0 deg")


def test_what_does_not_hold_after_the_repair_is_taken_back():
    # The piece has no neighbour but background, and stays what it is.
    repair = IntoSurrounding(otherwise=1)
    ruled = run([1, 1, 0, 1], step(Pieces((1,), at_most=1), repair, exclude=True), trace=True)
    outcome = only(ruled)
    assert outcome.status == "failed"
    assert outcome.reason == (
        "taken back, for it does not hold after the repair: 1 voxels in 1 part of one"
    )
    assert outcome.moves == ()
    assert outcome.remaining == outcome.findings != ()
    assert outcome.excludes
    assert row(ruled.labels) == [1, 1, 0, 1]
    assert len(ruled.trace) == 0


def test_a_repair_that_breaks_what_it_mends_elsewhere_is_taken_back():
    pieces = step(Pieces((1, 2), at_most=1), Into(2))
    ruled = run([1, 1, 0, 1, 0, 2, 2], pieces)
    assert only(ruled).status == "failed"
    assert row(ruled.labels) == [1, 1, 0, 1, 0, 2, 2]


def test_a_repair_that_removes_its_own_anchor_is_taken_back():
    ruled = run([1, 3, 1], step(Absent((1, 3), (Condition(0, inside=True),)), Into(0)))
    outcome = only(ruled)
    assert outcome.status == "failed"
    assert outcome.reason == (
        "taken back, for nothing can be said after the repair: "
        "the anchor level is missing: 0 of 1 points present, 1 needed"
    )
    assert row(ruled.labels) == [1, 3, 1]


def test_labels_that_are_not_declared_are_not_written():
    for writes in ((1,), (2,)):
        ruled = run([1, 2], step(Absent((1,)), Into(2), writes=writes))
        other = {1: "two", 2: "one"}[writes[0]]
        assert only(ruled).status == "failed"
        assert only(ruled).reason == (
            f"taken back, for it writes labels that it does not declare: {other}"
        )
        assert row(ruled.labels) == [1, 2]


def test_labels_that_are_not_declared_are_not_read():
    surrounding = Step(
        "r", expect=Absent((1,)), repair=IntoSurrounding(), reads=(1,), writes=(1, 2)
    )
    declared = run([2, 1], surrounding, check_reads=True)
    assert row(declared.labels) == [2, 2]
    hidden = run([4, 1], surrounding, check_reads=True)
    assert only(hidden).status == "failed"
    assert row(hidden.labels) == [4, 1]
    anchored = step(Absent((1,), (Condition(0, inside=True),)), Into(0))
    assert only(run([3, 1], anchored, check_reads=True)).status == "changed"
    blind = Step("r", expect=anchored.expect, repair=Into(0), reads=(1,), writes=(1,))
    assert only(run([3, 1], blind, check_reads=True)).reason == (
        "its result depends on labels that it does not declare to read"
    )
    assert only(run([3, 1], blind)).status == "changed"


def test_what_cannot_be_repaired_is_said():
    ruled = run([1, 0, 1], step(Pieces((1, 2), at_most=1, at_least=1), Into(0), exclude=True))
    outcome = only(ruled)
    assert (outcome.status, outcome.reason) == ("changed", "cannot be repaired: too few pieces")
    assert [f.kind for f in outcome.findings] == ["another piece", "too few pieces"]
    assert [(f.kind, f.labels) for f in outcome.remaining] == [("too few pieces", (2,))]
    assert outcome.excludes
    assert row(ruled.labels) == [1, 0, 0]


def test_a_crash_loses_neither_the_case_nor_the_other_steps():
    lone = step(Absent((1,)), IntoOther(((2, 3),)))
    both = step(None)
    unknown = step("something else")
    no_repair = step(Absent((1,)), "something else")
    ruled = run([1, 2], lone, both, unknown, no_repair, REMOVE_ONE, trace=True)
    assert [o.status for o in ruled.outcomes] == ["failed"] * 4 + ["changed"]
    assert [o.reason for o in ruled.outcomes[:4]] == [
        "ValueError: no pair has one",
        "ValueError: a step has either an expectation or a derivation",
        "TypeError: no function judges str",
        "TypeError: no function repairs by str",
    ]
    assert row(ruled.labels) == [0, 2]
    assert row(ruled.trace) == [5, 0]


def test_steps_run_in_order_on_what_the_ones_before_left():
    first = step(Absent((1,)), Into(2))
    second = step(Absent((2,), (Condition(0, inside=True),)), Into(4))
    nothing = step(Present((4,)))
    ruled = run([1, 3, 1, 2, 1], first, second, nothing, trace=True)
    assert row(ruled.labels) == [2, 3, 4, 4, 4]
    assert row(ruled.trace) == [1, 0, 2, 2, 2]
    ruled = run([1, 3, 1, 2, 1], second, first, nothing, trace=True)
    assert [o.status for o in ruled.outcomes] == ["changed", "changed", "holds"]
    assert row(ruled.labels) == [2, 3, 2, 4, 2]
    assert row(ruled.trace) == [2, 0, 2, 1, 2]


def test_anchors_are_fitted_to_the_map_as_it_is():
    # With the voxels of 2 the landmark's level moves from x = 0 to x = 5.5.
    grown = step(Absent((2,)), Into(3))
    beyond = step(Absent((1,), (Condition(0, inside=True),), "voxel"), Into(4))
    cells = [3, 1, 1, 1, 2, 2, 2, 2]
    assert row(run(cells, beyond, grown).labels) == [3, 4, 4, 4, 3, 3, 3, 3]
    assert row(run(cells, grown, beyond).labels) == [3, 1, 1, 1, 3, 3, 3, 3]


def test_a_stray_voxel_of_a_landmark_moves_nothing():
    beyond = step(Absent((1,), (Condition(0, inside=True),), "voxel"), Into(4))
    assert row(run([1, 3, 3, 1, 1, 1, 1, 3], beyond).labels) == [1, 3, 3, 4, 4, 4, 4, 3]


def test_nothing_at_all():
    empty = run([0, 0], REMOVE_ONE, step(Pieces((1,), at_least=1), Into(0)), trace=True)
    assert [o.status for o in empty.outcomes] == ["holds", "violated"]
    assert row(empty.trace) == [0, 0]
    assert run([1]).outcomes == ()
    assert run([1]).trace is None


def test_wrong_arguments():
    with pytest.raises(ValueError, match="a trace can tell 65535 steps apart, not 65536"):
        run([1], *[REMOVE_ONE] * 65536, trace=True)
