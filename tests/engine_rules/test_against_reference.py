"""Random steps on random volumes, against the voxel reference, bit for bit."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from vesalius.engine.context import ArrayImage
from vesalius.engine.labelmap import decode, encode
from vesalius.engine.reference_rules.run import reference_run
from vesalius.engine.reference_rules.state import State
from vesalius.engine.run_steps import Options, run_steps


def brief(findings):
    return [(f.kind, f.labels, f.voxels) for f in findings]


def check(case, *, with_image, unsafe):
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
        Options(trace=True, unsafe=unsafe),
    )
    state = State(case.array.astype(np.int64), case.affine, case.anchors, case.metadata, image)
    after, expected, trace = reference_run(case.steps, state, unsafe=unsafe)
    assert [o.status for o in ruled.outcomes] == [o.status for o in expected]
    for own, other in zip(ruled.outcomes, expected, strict=True):
        assert brief(own.findings) == [tuple(f) for f in other.findings], own
        assert brief(own.remaining) == [tuple(f) for f in other.remaining], own
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
@given(data=st.data(), with_image=st.booleans(), unsafe=st.booleans())
def test_steps_do_what_the_reference_does(cases, data, with_image, unsafe):
    check(data.draw(cases()), with_image=with_image, unsafe=unsafe)


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
