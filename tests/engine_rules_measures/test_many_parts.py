"""Many parts asked at once whether they are near: as one after the other, without each by each."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.engine.judging.faults import take_runs
from vesalius.engine.runs import distance
from vesalius.engine.runs.components import components
from vesalius.engine.runs.distance import parts_within_mm, within_mm
from vesalius.engine.runs.labelmap import encode


def volume(seed, shape, share, affine):
    rng = np.random.default_rng(seed)
    array = (rng.random(shape) < share).astype(np.uint8)
    array[rng.random(shape) < share / 4] = 2
    return encode(array, affine)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.tuples(*[st.integers(1, 9)] * 3),
    st.sampled_from([0.1, 0.3, 0.6]),
    st.sampled_from([0.5, 1.0, 1.5, 2.24, 3.7]),
    st.booleans(),
)
def test_all_at_once_is_as_one_after_the_other(seed, shape, share, gap_mm, sheared):
    affine = np.diag([1.0, 1.5, 2.0, 1.0])
    if sheared:
        affine[0, 1], affine[2, 0] = 0.9, -0.7
    found = components(volume(seed, shape, share, affine))
    first = found.label[found.of_run] == 1
    rows = np.flatnonzero(first)
    parts, other = take_runs(found.labelmap, rows), take_runs(found.labelmap, ~first)
    near = parts_within_mm(parts, found.of_run[rows], len(found), other, gap_mm)
    for at in range(len(found)):
        one = take_runs(found.labelmap, (found.of_run == at) & first)
        assert near[at] == within_mm(one, other, gap_mm)


def test_the_number_of_looks_does_not_grow_with_the_number_of_parts(monkeypatch):
    looks = []
    outermost = distance.outermost

    def looking(*arguments):
        looks.append(1)
        return outermost(*arguments)

    monkeypatch.setattr(distance, "outermost", looking)
    found = components(volume(0, (24, 24, 24), 0.2, np.eye(4)))
    first = found.label[found.of_run] == 1
    rows = np.flatnonzero(first)
    assert len(np.unique(found.of_run[rows])) > 500
    parts, other = take_runs(found.labelmap, rows), take_runs(found.labelmap, ~first)
    parts_within_mm(parts, found.of_run[rows], len(found), other, 1.5)
    assert len(looks) == 2
