"""The different ones of some integers are those of numpy, which loads more for them."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from vesalius.engine.runs.distinct import among, distinct

KINDS = st.sampled_from([np.uint16, np.int32, np.int64])


@given(values=st.lists(st.integers(0, 9) | st.integers(0, 65535)), kind=KINDS)
def test_the_different_ones_are_those_of_numpy(values, kind):
    given_values = np.array(values, dtype=kind)
    found = distinct(given_values)
    assert found.dtype == kind
    assert np.array_equal(found, np.unique(given_values))


@given(values=st.lists(st.integers(0, 9)), chosen=st.sets(st.integers(0, 12)), kind=KINDS)
def test_which_are_among_others_is_what_numpy_says(values, chosen, kind):
    some = np.array(sorted(chosen), dtype=kind)
    given_values = np.array(values, dtype=np.int64)
    assert np.array_equal(among(given_values, some), np.isin(given_values, some))
