"""One figure is rounded as many are."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from vesalius.engine.runs.projection import settled, settled_one


@given(st.floats(-1e6, 1e6, allow_nan=False))
@example(0.0)
@example(-0.0)
@example(2.4999997183)
@example((5 - 0.2817 + 0.5) * 1e-6)
def test_one_is_rounded_as_many(value):
    one, many = settled_one(value), float(settled(np.array([value]))[0])
    assert (one, np.signbit(one)) == (many, np.signbit(many))
