"""The median against numpy's."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from vesalius.engine.runs.median import median

NUMBERS = st.one_of(
    st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=30),
    st.lists(st.floats(width=32, allow_infinity=False), min_size=1, max_size=30),
)


@given(NUMBERS, st.sampled_from([np.float64, np.float32, np.int64]))
def test_it_is_that_of_numpy(numbers, kind):
    if kind == np.int64 and isinstance(numbers[0], float):
        kind = np.float64
    values = np.array(numbers, dtype=kind)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(median(values), float(np.median(values)))
        np.testing.assert_array_equal(median(values.reshape(1, -1)), float(np.median(values)))
