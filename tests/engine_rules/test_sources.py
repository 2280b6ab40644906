"""Sources are judged by themselves, and nothing of one that is doubted is repaired."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from vesalius.engine.judging.context import Source, start
from vesalius.engine.judging.doubted import believed
from vesalius.engine.judging.faults import connected_faults
from vesalius.engine.judging.sources import doubted_voxels
from vesalius.engine.kinds import Absent, Facing, Follows, Into
from vesalius.engine.plan.check import plan_problems
from vesalius.engine.plan.plan import Plan, WorkLabel
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.undo import run_and_undo

AFFINE = np.diag([-10.0, 10.0, 10.0, 1.0])
LEFT = (-1.0, 0.0, 0.0)
FACING = Facing(LEFT, (Follows((1,), (2,)), Follows((3,), (4,))), 8.0, 1, 1.0, skip_cut=False)
TURNED = Step("turned", expect=FACING, reads=(1, 2, 3, 4), each_source=True)
REMOVE = Step("remove", expect=Absent((1, 3), ()), repair=Into(0), reads=(1, 3), writes=(1, 3))


def line(*labels):
    return encode(np.array(labels, dtype=np.uint8).reshape(-1, 1, 1), AFFINE)


MERGED = line(2, 0, 1, 0, 3, 0, 4)
GOOD, BAD = line(0, 0, 0, 0, 3, 0, 4), line(2, 0, 1, 0, 0, 0, 0)
SOURCES = (Source("good.nii", GOOD), Source("bad.nii", BAD))


def left(ruled):
    return decode(ruled.labels).ravel().tolist()


def test_a_finding_names_its_source_and_the_other_is_repaired():
    ruled = run_steps([TURNED, REMOVE], (), MERGED, sources=SOURCES)
    turned, removed = ruled.outcomes
    assert (turned.status, [f.source for f in turned.findings]) == ("violated", ["bad.nii"])
    assert removed.status == "changed"
    assert removed.reason == "left as it was: bad.nii is doubted as a whole"
    assert left(ruled) == [2, 0, 1, 0, 0, 0, 4]
    # What stays is told.
    assert [f.labels for f in removed.remaining] == [(1,)]


def test_where_all_is_doubted_nothing_is_repaired():
    ruled = run_steps([TURNED, REMOVE], (), BAD, sources=[SOURCES[1]])
    assert ruled.outcomes[1].status == "violated"
    assert ruled.outcomes[1].reason == "not repaired: bad.nii is doubted as a whole"
    assert ruled.labels is BAD


def test_without_sources_the_map_is_the_only_one():
    ruled = run_steps([TURNED, REMOVE], (), BAD)
    assert ruled.outcomes[0].findings[0].source == ""
    assert ruled.outcomes[1].reason == "not repaired: the map is doubted as a whole"
    # Of the merged map one pair is right.
    assert left(run_steps([TURNED, REMOVE], (), MERGED)) == [2, 0, 0, 0, 0, 0, 4]


@pytest.mark.parametrize("severity", ["warning", "info"])
def test_only_an_error_is_a_doubt(severity):
    steps = [replace(TURNED, severity=severity), REMOVE]
    assert left(run_steps(steps, (), MERGED, sources=SOURCES)) == [2, 0, 0, 0, 0, 0, 4]


def test_a_proposal_spares_what_is_doubted_too():
    options = Options(propose=frozenset({"remove"}))
    ruled = run_and_undo([TURNED, REMOVE], (), MERGED, options=options, sources=SOURCES)
    outcome = ruled.outcomes[1]
    assert [(move.source, move.voxels) for move in outcome.proposed.moves] == [(3, 1)]


def test_a_source_that_cannot_be_judged_is_no_finding():
    few = replace(TURNED, expect=replace(FACING, at_least=2))
    ruled = run_steps([few], (), MERGED, sources=SOURCES)
    assert ruled.outcomes[0].status == "skipped"
    assert ruled.outcomes[0].reason == "fewer than 2 places can be compared"


def test_a_step_of_sources_repairs_nothing():
    work = tuple(WorkLabel(n, f"s{n}", n, 0, (), n) for n in range(1, 5))
    good = Plan("t", work, (), (), steps=(TURNED,))
    bad = replace(good, steps=(replace(TURNED, repair=Into(0)),))
    assert plan_problems(good) == ()
    assert plan_problems(bad) == ("step 1 (turned): it judges sources, which nothing changes",)


@settings(deadline=None, max_examples=80)
@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(3)))
def test_believed_parts_have_no_doubted_voxel(seed, order):
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 7, 3)
    work, source = (rng.choice([0, 0, 1, 2], size=shape).astype(np.uint8) for _ in range(2))
    runs, other = (encode(np.asfortranarray(a).transpose(order), np.eye(4)) for a in (work, source))
    found = doubted_voxels({0: [1]}, start(runs, sources=[Source("x", other)]))
    expected = ((work == 1) & (source == 1)).transpose(order)
    assert (found is None) == (not expected.any())
    if found is None:
        return
    assert np.array_equal(decode(found.voxels).astype(bool), expected)
    faults = connected_faults(runs)
    kept = believed(faults, found)
    labels = work.transpose(order)
    touched = {int(part) for part in found.touches(faults).nonzero()[0]}
    for part in range(len(faults)):
        voxels = decode(faults.only(np.arange(len(faults)) == part).runs).astype(bool)
        assert bool((voxels & expected).any()) == (part in touched)
        assert labels[voxels].any()
    assert (0 if kept is None else len(kept)) == len(faults) - len(touched)
