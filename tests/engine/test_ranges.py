"""Ranges one after the other, against numpy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesalius.engine.runs.ranges import ranges

LATE = 2**31 - 60


@pytest.mark.parametrize("kind", [np.int32, np.int64])
@given(each=st.lists(st.tuples(st.integers(0, LATE), st.integers(0, 50)), max_size=12))
def test_ranges_are_those_of_numpy(kind, each):
    first = np.array([f for f, _ in each], dtype=kind)
    count = np.array([n for _, n in each], dtype=np.int64)
    found = ranges(first, count)
    assert found.dtype == kind
    assert found.tolist() == [at for f, n in each for at in range(f, f + n)]
