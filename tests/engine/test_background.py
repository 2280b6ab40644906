"""The background and its enclosed pieces, against a flood from the border."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from vesalius.engine import reference
from vesalius.engine.background import background, holes
from vesalius.engine.labelmap import decode, encode

EYE = np.eye(4)


@given(data=st.data(), dtype=st.sampled_from([np.int32, np.int64]))
def test_background_is_the_complement(volumes, data, dtype):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine, dtype=dtype)
    rest = background(lm)
    assert rest.same_as(encode(volume.array == 0, volume.affine, axes=lm.axes))
    assert rest.start.dtype == dtype


@given(data=st.data(), connectivity=st.sampled_from([6, 18, 26]))
def test_holes_are_what_a_flood_does_not_reach(volumes, data, connectivity):
    volume = data.draw(volumes)
    # Dense volumes, so that there are holes.
    array = np.where(volume.array == 0, data.draw(st.sampled_from([0, 0, 3])), volume.array)
    seed = data.draw(st.integers(0, 99))
    array[np.random.default_rng(seed).random(array.shape) < 0.15] = 0
    lm = encode(array, volume.affine)
    present = lm.labels().tolist()
    expected = reference.holes(array, present, connectivity)
    assert np.array_equal(decode(holes(lm, connectivity=connectivity)), expected)
    some = present[:1]
    expected = reference.holes(array, some, connectivity)
    assert np.array_equal(decode(holes(lm, some, connectivity)), expected)


def test_by_hand():
    array = np.ones((3, 3, 3), dtype=np.uint8)
    array[1, 1, 1] = 0
    lm = encode(array, EYE)
    assert np.argwhere(decode(holes(lm))).tolist() == [[1, 1, 1]]
    # A leak through a corner counts at 26 only.
    array[0, 0, 0] = 0
    leaky = encode(array, EYE)
    assert [holes(leaky, connectivity=c).voxels for c in (6, 18, 26)] == [1, 1, 0]
    assert holes(encode(np.zeros((3, 3, 3), dtype=np.uint8), EYE)).voxels == 0
