"""The background, against the complement of the voxels."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from vesalius.engine.runs.background import background
from vesalius.engine.runs.labelmap import encode

EYE = np.eye(4)


@given(data=st.data(), dtype=st.sampled_from([np.int32, np.int64]))
def test_background_is_the_complement(volumes, data, dtype):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine, dtype=dtype)
    rest = background(lm)
    assert rest.same_as(encode(volume.array == 0, volume.affine, axes=lm.axes))
    assert rest.start.dtype == dtype
