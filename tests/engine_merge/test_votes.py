"""Votes on runs against sums of plain arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vesalius.engine.merge.votes import count_votes, has_majority
from vesalius.engine.runs.labelmap import decode, encode

SHAPE = (4, 3, 5)
stacks = st.integers(1, 5).flatmap(lambda k: hnp.arrays(np.uint8, (k, *SHAPE),
                                                        elements=st.integers(0, 2)))  # fmt: skip


@settings(deadline=None)
@given(stacks, st.sampled_from([(0, 1, 2), (2, 1, 0)]))
def test_majority_minority_and_common_voxels(stack, axes):
    found = count_votes([encode(mask, np.eye(4), axes=axes) for mask in stack])
    votes, k = (stack > 0).sum(axis=0), len(stack)
    assert np.array_equal(decode(found.majority()), votes > k / 2)
    assert np.array_equal(decode(found.against()), np.minimum(votes, k - votes))
    flat = (stack > 0).reshape(k, -1).astype(int)
    assert np.array_equal(found.common(), flat @ flat.T)


def test_half_is_no_majority():
    assert has_majority(np.array([1, 2, 3]), 4).tolist() == [False, False, True]
    assert has_majority(np.array([1, 2]), 2).tolist() == [False, True]
    assert has_majority(np.array([1]), 1).tolist() == [True]
