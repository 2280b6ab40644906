"""Opening a few planes at a time is opening at once."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.engine.runs import opening
from vesalius.engine.runs.crop import as_box, slices
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode
from vesalius.engine.runs.opening import PackedMask, opened, opened_runs

SIDE = st.integers(1, 9)


@settings(max_examples=150)
@given(
    shape=st.tuples(SIDE, SIDE, SIDE),
    axes=st.sampled_from(list(permutations(range(3)))),
    windows=st.lists(st.integers(1, 4), min_size=3, max_size=3),
    ends=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=3, max_size=3),
    slab=st.sampled_from([1, 30, 200]),
    seed=st.integers(0, 1000),
)
def test_slabs_open_as_the_whole_does(shape, axes, windows, ends, slab, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random(shape) < rng.choice([0.0, 0.02, 0.5, 0.9])
    packed = PackedMask(Grid(shape, np.eye(4)), axes)
    planes = np.moveaxis(mask, axes[2], 0)
    first = 0
    while first < len(planes):
        last = min(len(planes), first + int(rng.integers(1, 4)))
        packed.write(first, np.moveaxis(planes[first:last], 0, axes[2]))
        first = last
    box = packed.box()
    places = np.argwhere(mask)
    if not len(places):
        assert box is None
        return
    assert box == as_box(places.min(axis=0), places.max(axis=0) + 1)
    assert np.array_equal(packed.read(box), mask[slices(box)])
    before, opening._SLAB = opening._SLAB, slab
    try:
        found = opened_runs(packed, box, windows, ends)
    finally:
        opening._SLAB = before
    assert found.axes == axes
    assert np.array_equal(decode(found, bool), opened(mask[slices(box)], windows, ends))
