"""Random steps on random volumes, against the oracle, bit for bit."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from oracle import run as oracle
from oracle.state import State
from vesalius.engine.judging.context import ArrayImage
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode


def assert_same(findings, wanted):
    """Compare all that the oracle says as well, and figures of fits but for rounding."""
    for own, other in zip(findings, wanted, strict=True):
        assert (own.kind, own.labels, own.voxels) == (other.kind, other.labels, other.voxels)
        if own.kind == "implausible":
            assert dict(own.values) == pytest.approx(dict(other.values), abs=2e-6)
        else:
            assert own.values == other.values


def check(case, *, with_image, unsafe, turns=1):
    """Run both and compare everything."""
    before = case.array.copy()
    image = np.zeros(case.array.shape) if with_image else None
    work = encode(case.array, case.affine)
    runs = [column.copy() for column in (work.start, work.stop, work.label)]
    ruled = run_steps(
        case.steps,
        case.anchors,
        work,
        case.metadata,
        None if image is None else ArrayImage(image),
        Options(trace=True, unsafe=unsafe, turns=turns),
    )
    state = State(case.array.astype(np.int64), case.affine, case.anchors, case.metadata, image)
    after, expected, trace = oracle.run_steps(case.steps, state, unsafe=unsafe, turns=turns)
    assert [o.status for o in ruled.outcomes] == [o.status for o in expected]
    for own, other in zip(ruled.outcomes, expected, strict=True):
        assert_same(own.findings, other.findings)
        assert_same(own.remaining, other.remaining)
        assert (own.excludes, own.vacuous) == (other.excludes, other.vacuous)
        assert [(m.source, m.target, m.voxels) for m in own.moves] == list(other.moves)
    assert np.array_equal(decode(ruled.labels), after.work)
    assert np.array_equal(decode(ruled.trace), trace)
    # The result is canonical, and the input is as it was.
    assert ruled.labels.same_as(encode(decode(ruled.labels), case.affine, axes=work.axes))
    assert np.array_equal(case.array, before)
    for column, copy in zip((work.start, work.stop, work.label), runs, strict=True):
        assert np.array_equal(column, copy)
    return ruled


@settings(max_examples=80)
@given(data=st.data(), with_image=st.booleans(), unsafe=st.booleans(), turns=st.integers(1, 3))
def test_steps_do_what_the_oracle_does(cases, data, with_image, unsafe, turns):
    check(data.draw(cases()), with_image=with_image, unsafe=unsafe, turns=turns)


@settings(max_examples=60)
@given(data=st.data())
def test_running_a_step_again_changes_nothing(cases, data):
    case = data.draw(cases(n_steps=1))
    work = encode(case.array, case.affine)
    options = Options(unsafe=True, trace=True)
    once = run_steps(case.steps, case.anchors, work, case.metadata, options=options)
    twice = run_steps(case.steps, case.anchors, once.labels, case.metadata, options=options)
    assert twice.labels.same_as(once.labels)
    assert twice.outcomes[0].status != "changed"
    assert not twice.outcomes[0].moves
    assert not len(twice.trace)
