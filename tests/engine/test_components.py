"""Components of runs, against a flood over voxels, cc3d, and themselves in 48 orientations."""

import cc3d
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from oracle import dense
from orientations import orientations
from vesalius.engine.runs.components import components
from vesalius.engine.runs.labelmap import encode

CONNECTIVITIES = st.sampled_from([6, 18, 26])
EYE = np.eye(4)


def numbered(found):
    """Return component + 1 by voxel, 0 elsewhere."""
    return dense.paint(found.labelmap, found.of_run, -1) + 1


@given(data=st.data(), connectivity=CONNECTIVITIES, dtype=st.sampled_from([np.int32, np.int64]))
def test_components_are_those_of_a_flood(volumes, data, connectivity, dtype):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine, dtype=dtype)
    found = components(lm, connectivity)
    expected = dense.components(volume.array, lm.grid.affine, connectivity)
    check(found, expected, volume.array.shape)


@given(data=st.data(), connectivity=CONNECTIVITIES)
def test_keys_join_labels_and_leave_labels_out(volumes, data, connectivity):
    volume = data.draw(volumes)
    volume.array = volume.array % 6
    key = data.draw(st.lists(st.sampled_from([0, 1, 1, 2, 65535]), min_size=6, max_size=6))
    key[0] = 0
    lm = encode(volume.array, volume.affine)
    found = components(lm, connectivity, key)
    expected = dense.components(volume.array, lm.grid.affine, connectivity, key)
    check(found, expected, volume.array.shape)


def check(found, expected, shape):
    image = np.zeros(shape, dtype=int)
    for number, component in enumerate(expected):
        for voxel in component.voxels:
            image[voxel] = number + 1
    assert np.array_equal(numbered(found), image)
    assert len(found) == len(expected)
    assert found.label.tolist() == [c.key for c in expected]
    assert found.voxels.tolist() == [len(c.voxels) for c in expected]
    assert found.index_sum.tolist() == [list(c.index_sum) for c in expected]
    assert found.box_lo.tolist() == [list(c.box_lo) for c in expected]
    assert found.box_hi.tolist() == [list(c.box_hi) for c in expected]
    keys = [c.key for c in expected]
    assert found.rank.tolist() == [keys[:i].count(k) for i, k in enumerate(keys)]


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), connectivity=CONNECTIVITIES, order=st.sampled_from("CF"))
def test_partition_is_that_of_cc3d(seed, connectivity, order):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 40, 3))
    dense = rng.random(shape) < rng.uniform(0.05, 0.95)
    array = np.asarray(rng.integers(1, 4, shape) * dense, dtype=np.uint8, order=order)
    own = numbered(components(encode(array, EYE), connectivity))
    oracle = cc3d.connected_components(array, connectivity=connectivity)
    # The partitions are equal where each number of one goes with one number of the other.
    pairs = np.unique(own.astype(np.int64) << 32 | oracle.astype(np.int64))
    assert len(pairs) == own.max() + 1 == oracle.max() + 1
    assert np.array_equal(own == 0, oracle == 0)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), spacing=st.sampled_from([1.0, 0.7, 1.5, 0.9765625]))
def test_order_does_not_depend_on_the_orientation_of_the_array(seed, spacing):
    rng = np.random.default_rng(seed)
    array = rng.integers(0, 3, tuple(rng.integers(1, 6, 3))).astype(np.uint8)
    affine = np.diag([spacing, 0.8, 3.0, 1])
    affine[:3, 3] = rng.integers(-50, 50, 3) + 0.3
    plain = components(encode(array, affine), 6)
    for turned, matrix, _, back in orientations(array, affine):
        for layout in (turned, np.asfortranarray(turned)):
            found = components(encode(layout, matrix), 6)
            assert np.array_equal(back(numbered(found)), numbered(plain))
            assert found.centre_mm == pytest.approx(plain.centre_mm, abs=1e-9)


def test_order_by_label_then_size_then_place():
    #                 x = 0        1        2        3        4        5        6
    array = np.array([2, 0, 1, 0, 1, 1, 0, 1], dtype=np.uint8).reshape(8, 1, 1)
    found = components(encode(array, EYE))
    assert numbered(found).ravel().tolist() == [4, 0, 2, 0, 1, 1, 0, 3]
    mirrored = components(encode(array, np.diag([-1.0, 1, 1, 1])))
    assert numbered(mirrored).ravel().tolist() == [4, 0, 3, 0, 1, 1, 0, 2]


def test_components_of_one_centre_are_told_apart_by_their_first_voxel():
    # A ring of 20 voxels around a column of 20 voxels.
    array = np.zeros((6, 6, 5), dtype=np.uint8)
    array[:, :, 2] = 1
    array[1:5, 1:5, 2] = 0
    array[2:4, 2:4, :] = 1
    for affine in (EYE, np.diag([-0.7, 1, 1, 1]), np.diag([1, 1e-8, 1, 1])):
        found = components(encode(array, affine))
        assert found.voxels.tolist() == [20, 20]
        assert np.array_equal(found.centre_ijk[0], found.centre_ijk[1])
        assert numbered(found)[0, 0, 2] == 1
        assert numbered(found)[2, 2, 0] == 2
        for turned, matrix, _, back in orientations(array, affine):
            again = components(encode(turned, matrix))
            assert np.array_equal(back(numbered(again)), numbered(found))


def test_a_component_does_not_leave_its_line_or_layer_at_the_end():
    array = np.zeros((2, 2, 3), dtype=np.uint8)
    array[0, 0, 2] = array[0, 1, 0] = array[1, 1, 1] = 1
    assert [len(components(encode(array, EYE), c)) for c in (6, 18, 26)] == [3, 2, 1]
    # The end of one layer and the begin of the next are neighbours in memory only.
    far = np.zeros((2, 3, 3), dtype=np.uint8)
    far[0, 2, 2] = far[1, 0, 0] = 1
    assert [len(components(encode(far, EYE), c)) for c in (6, 18, 26)] == [2, 2, 2]


def test_nothing_and_one_voxel():
    nothing = components(encode(np.zeros((3, 1, 2), dtype=np.uint8), EYE))
    assert (len(nothing), nothing.of_run.size, nothing.rank.size) == (0, 0, 0)
    one = components(encode(np.full((1, 1, 1), 9, dtype=np.uint8), EYE), 26)
    assert (len(one), one.label.tolist(), one.voxels.tolist()) == (1, [9], [1])
    left_out = components(encode(np.full((1, 1, 1), 2, dtype=np.uint8), EYE), key=[0, 0, 0])
    assert (len(left_out), left_out.of_run.tolist()) == (0, [-1])


def test_wrong_arguments():
    lm = encode(np.full((1, 1, 1), 2, dtype=np.uint8), EYE)
    with pytest.raises(ValueError, match="6, 18 or 26, not 4"):
        components(lm, 4)
    with pytest.raises(ValueError, match="no entry for label 2"):
        components(lm, key=[0, 1])
