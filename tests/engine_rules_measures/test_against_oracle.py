"""Random expectations and derivations on random volumes, against the oracle, bit for bit."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from oracle import kinds as oracle
from oracle import run
from oracle.drawing import TO_TARGET
from oracle.drawing_measures import MADE, MEASURED
from oracle.state import Missing as OracleMissing
from orientations import PARTS, orientations
from vesalius.engine.judging.context import ArrayImage, start
from vesalius.engine.judging.verdict import Missing
from vesalius.engine.kinds import (
    Agrees,
    Beside,
    Counted,
    Filled,
    Into,
    Numbered,
    Undivided,
    judge,
    make,
)
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode

KINDS = [pytest.param(kind, id=kind.__name__) for kind in MEASURED]
OPERATIONS = [pytest.param(kind, id=kind.__name__) for kind in MADE]
PART = st.integers(0, PARTS - 1)
MOST = {
    Filled: "hollow",
    Counted: "sticks",
    Agrees: "sticks",
    Undivided: "sticks",
    Numbered: "chain",
    Beside: "ladder",
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100)
@given(data=st.data())
def test_judgements_are_those_of_the_oracle(kind, cases, agree, data):
    agree(data.draw(MEASURED[kind]), data.draw(cases(most=MOST.get(kind))))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12)
@given(data=st.data(), part=PART)
def test_judgements_are_the_same_in_all_orientations(kind, cases, data, part):
    expect, case = data.draw(MEASURED[kind]), data.draw(cases(6, MOST.get(kind)))
    seen = set()
    for array, affine, turn, _ in orientations(case.array, case.affine, part):
        image = None if case.image is None else ArrayImage(turn(case.image))
        verdict = judge(expect, start(encode(array, affine), case.anchors, image=image))
        findings = tuple(
            (f.kind, f.labels, f.voxels, f.ml, f.at_mm, f.values, f.note) for f in verdict.findings
        )
        faults = verdict.faults
        targets = () if faults is None or faults.target is None else tuple(faults.target.tolist())
        parts = () if faults is None else tuple(faults.voxels.tolist())
        seen.add((findings, targets, parts, verdict.missing))
    assert len(seen) == 1


def made(operation, context):
    try:
        return make(operation, context)
    except Missing:
        return None


def wanted(operation, state):
    try:
        return oracle.make(operation, state)
    except OracleMissing:
        return None


@pytest.mark.parametrize("kind", OPERATIONS)
@settings(max_examples=100)
@given(data=st.data())
def test_what_is_made_is_that_of_the_oracle(kind, cases, data):
    operation, case = data.draw(MADE[kind]), data.draw(cases())
    context = case.context()
    found, expected = made(operation, context), wanted(operation, case.state())
    assert (found is None) == (expected is None)
    if found is not None:
        assert np.array_equal(decode(found), expected)
        assert found.same_as(encode(decode(found), case.affine, axes=context.work.axes))


@pytest.mark.parametrize("kind", OPERATIONS)
@settings(max_examples=12)
@given(data=st.data(), part=PART)
def test_what_is_made_is_the_same_in_all_orientations(kind, cases, data, part):
    operation, case = data.draw(MADE[kind]), data.draw(cases(6))
    first = made(operation, case.context())
    for array, affine, turn, _ in orientations(case.array, case.affine, part):
        image = None if case.image is None else ArrayImage(turn(case.image))
        found = made(operation, start(encode(array, affine), case.anchors, image=image))
        assert (found is None) == (first is None)
        if found is not None:
            assert np.array_equal(decode(found), turn(decode(first)))


@pytest.mark.parametrize("kind", KINDS + OPERATIONS)
@settings(max_examples=30)
@given(data=st.data(), unsafe=st.booleans())
def test_steps_do_what_the_oracle_does(kind, cases, data, unsafe):
    """Steps of these kinds with their repairs: what is changed, what is left, what is told."""
    thing, case = data.draw({**MEASURED, **MADE}[kind]), data.draw(cases(6, MOST.get(kind)))
    field = "derive" if kind in MADE else "expect"
    repair = None
    if field == "expect":
        repair = data.draw(st.sampled_from([None, Into(0), Into(3), *[TO_TARGET.get(kind)] * 4]))
    step = Step(
        "r",
        safety=data.draw(st.sampled_from(["safe", "unsafe"])),
        repair=repair,
        exclude=data.draw(st.booleans()),
        on_missing=data.draw(st.sampled_from(["skip", "fail"])),
        writes=data.draw(st.sampled_from([tuple(range(1, 18))] * 4 + [(1, 2, 3)])),
        **{field: thing},
    )
    image = None if case.image is None else ArrayImage(case.image)
    options = Options(trace=True, unsafe=unsafe)
    work = encode(case.array, case.affine)
    ruled = run_steps([step], case.anchors, work, None, image, options)
    after, (wanted,), trace = run.run_steps([step], case.state(), unsafe=unsafe)
    (found,) = ruled.outcomes
    for own, other in ((found.findings, wanted.findings), (found.remaining, wanted.remaining)):
        assert [(f.kind, f.labels, f.voxels, f.values) for f in own] == [tuple(f) for f in other]
    moves = [(move.source, move.target, move.voxels) for move in found.moves]
    assert (found.status, found.excludes, moves) == (
        wanted.status,
        wanted.excludes,
        list(wanted.moves),
    )
    assert np.array_equal(decode(ruled.labels), after.work)
    assert np.array_equal(decode(ruled.trace), trace)
