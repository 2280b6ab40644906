"""The different ones of some integers are those of numpy, which loads more for them."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from vesalius.engine.runs.distinct import distinct

KINDS = st.sampled_from([np.uint16, np.int32, np.int64])


@given(values=st.lists(st.integers(0, 9) | st.integers(0, 65535)), kind=KINDS)
def test_the_different_ones_are_those_of_numpy(values, kind):
    given_values = np.array(values, dtype=kind)
    found = distinct(given_values)
    assert found.dtype == kind
    assert np.array_equal(found, np.unique(given_values))
