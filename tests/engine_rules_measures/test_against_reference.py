"""Random expectations on random volumes, against the voxel reference, bit for bit."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from vesalius.engine.context import ArrayImage, start
from vesalius.engine.derive import derive
from vesalius.engine.expect import judge
from vesalius.engine.labelmap import decode, encode
from vesalius.engine.reference_rules.derive import from_hu, rest_of_body
from vesalius.engine.reference_rules.state import Missing as ReferenceMissing
from vesalius.engine.steps import (
    Agrees,
    Condition,
    Contiguous,
    Counted,
    Enclosed,
    Filled,
    FromHu,
    MeanHu,
    Numbered,
    Ordered,
    RestOfBody,
    Touching,
    Undivided,
    Volume,
    VolumeRatio,
)
from vesalius.engine.verdict import Missing

LABELS = range(1, 7)
DIRECTIONS = [(1.0, 0.0, 0.0), (0.0, -2.0, 0.0), (0.0, 0.0, -1.0), (1.0, 2.0, -0.5)]


def some(least=1):
    return st.lists(st.integers(1, 7), min_size=least, max_size=6, unique=True).map(tuple)


def bound(values):
    return st.none() | st.sampled_from(values)


def parted():
    """Two sequences without a common label."""
    return st.tuples(st.permutations(LABELS), st.integers(1, 2), st.integers(1, 2)).map(
        lambda drawn: (tuple(drawn[0][: drawn[1]]), tuple(drawn[0][3 : 3 + drawn[2]]))
    )


DIRECTION = st.sampled_from(DIRECTIONS)
ANCHOR = st.sampled_from([0, 0, 1, 1, 1, 1, 2])
CONNECTIVITY = st.sampled_from([6, 18, 26])
KINDS = {
    "ordered": st.builds(
        Ordered,
        some(2),
        DIRECTION,
        st.sampled_from([0.0, 0.5, 2.0]),
        bound([0.0, 0.5, 1.0]),
        bound([1.0, 2.0]),
        st.booleans(),
    ),
    "contiguous": st.builds(Contiguous, some(3), st.just(()) | some(), st.booleans()),
    "touching": st.builds(Touching, some(), some(), st.sampled_from([0.0, 0.5, 1.0, 1.5, 3.0])),
    "enclosed": st.builds(Enclosed, some(), some(), st.sampled_from([0.1, 0.25, 0.5, 1.0])),
    "volume": st.builds(
        Volume, some(), bound([0.001, 0.0135, 0.03]), bound([0.004, 0.02]), st.booleans()
    ),
    "ratio": st.builds(VolumeRatio, some(), some(), bound([0.5, 1.0]), bound([1.0, 2.0])),
    "hu": st.builds(MeanHu, some(), bound([-50.0, 0.0]), bound([0.0, 100.0])),
    "filled": st.builds(Filled, some(4), st.sampled_from([0.0, 0.001, 0.004])),
    "counted": st.tuples(
        parted(),
        ANCHOR,
        DIRECTION,
        st.sampled_from(["mean", "median"]),
        CONNECTIVITY,
        st.sampled_from([None, None, 0.0, 1.0, 3.0]),
    ).map(lambda drawn: Counted(*drawn[0], *drawn[1:])),
    "undivided": st.builds(
        Undivided,
        some(3),
        CONNECTIVITY,
        st.sampled_from([0.0, 0.0, 0.004, 0.03]),
        st.sampled_from([False, False, True]),
    ),
    "numbered": st.builds(
        Numbered,
        st.just(tuple(LABELS)),
        st.sampled_from([*DIRECTIONS[:3], (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.1, 0.2, 1.0)]),
        st.just(()) | some(),
        st.just(()) | some(),
        st.sampled_from([0.0, 0.0, 1.0]),
        CONNECTIVITY,
    ),
    "agrees": st.builds(
        Agrees,
        some(4),
        ANCHOR,
        DIRECTION,
        st.integers(2, 4),
        CONNECTIVITY,
        st.sampled_from([True, True, False]),
        st.sampled_from([True, True, False]),
    ),
}


MOST = {
    "filled": "hollow",
    "counted": "sticks",
    "agrees": "sticks",
    "undivided": "sticks",
    "numbered": "chain",
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=300)
@given(data=st.data())
def test_judgements_are_those_of_the_reference(kind, cases, agree, data):
    agree(data.draw(KINDS[kind]), data.draw(cases(most=MOST.get(kind))))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8)
@given(data=st.data())
def test_judgements_are_the_same_in_all_orientations(kind, cases, all_orientations, data):
    expect, case = data.draw(KINDS[kind]), data.draw(cases(6, MOST.get(kind)))
    seen = set()
    for array, affine, turn in all_orientations(case.array, case.affine):
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


WINDOW = st.tuples(st.sampled_from([-1000.0, -60.0, 0.0]), st.sampled_from([40.0, 3000.0]))
REGION = st.lists(
    st.builds(Condition, st.sampled_from([0, 0, 1, 1, 2]), st.booleans()), max_size=2
).map(tuple)
OVER = st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True).map(tuple)
FROM_HU = st.tuples(st.integers(1, 8), WINDOW, REGION, OVER, st.none() | st.integers(1, 2)).map(
    lambda drawn: FromHu(drawn[0], *drawn[1], *drawn[2:])
)
REST = st.builds(
    RestOfBody,
    st.integers(1, 8),
    st.sampled_from([-300.0, 0.0, 100.0]),
    st.sampled_from([0.0, 1.5, 2.0, 4.0]),
    DIRECTION,
    st.lists(st.integers(1, 6), max_size=2, unique=True).map(tuple),
)


def made(operation, context):
    try:
        return derive(operation, context)
    except Missing:
        return None


def wanted(operation, state):
    make = from_hu if isinstance(operation, FromHu) else rest_of_body
    try:
        return make(operation, state)
    except ReferenceMissing:
        return None


@pytest.mark.parametrize("operations", [FROM_HU, REST], ids=["hu", "rest"])
@settings(max_examples=250)
@given(data=st.data())
def test_what_is_made_is_that_of_the_reference(operations, cases, data):
    operation, case = data.draw(operations), data.draw(cases())
    context = case.context()
    found, expected = made(operation, context), wanted(operation, case.state())
    assert (found is None) == (expected is None)
    if found is not None:
        assert np.array_equal(decode(found), expected)
        assert found.same_as(encode(decode(found), case.affine, axes=context.work.axes))


@pytest.mark.parametrize("operations", [FROM_HU, REST], ids=["hu", "rest"])
@settings(max_examples=12)
@given(data=st.data())
def test_what_is_made_is_the_same_in_all_orientations(operations, cases, all_orientations, data):
    operation, case = data.draw(operations), data.draw(cases(6))
    first = made(operation, case.context())
    for array, affine, turn in all_orientations(case.array, case.affine):
        image = None if case.image is None else ArrayImage(turn(case.image))
        found = made(operation, start(encode(array, affine), case.anchors, image=image))
        assert (found is None) == (first is None)
        if found is not None:
            assert np.array_equal(decode(found), turn(decode(first)))
