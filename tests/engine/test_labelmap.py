"""Encoding to runs and decoding, against a walk over the voxels."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from oracle import dense
from vesalius.engine.runs import labelmap as labelmap_module
from vesalius.engine.runs import memory as memory_module
from vesalius.engine.runs.build import empty, join
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import (
    LabelMap,
    decode,
    decode_range,
    encode,
    position_dtype,
)
from vesalius.engine.runs.memory import blocks, memory_axes

AXES = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
EYE = np.eye(4)


def triples(lm):
    return list(zip(lm.start.tolist(), lm.stop.tolist(), lm.label.tolist(), strict=True))


@given(data=st.data())
def test_runs_are_those_of_a_walk(volumes, data):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    assert triples(lm) == dense.runs(volume.array, lm.axes)
    assert lm.grid.shape == volume.array.shape
    assert np.array_equal(lm.grid.affine, volume.affine)


@given(data=st.data(), axes=st.sampled_from(AXES))
def test_any_axes_can_be_asked_for(volumes, data, axes):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine, axes=axes)
    assert lm.axes == axes
    assert triples(lm) == dense.runs(volume.array, axes)


@given(data=st.data(), order=st.sampled_from([None, "C", "F"]))
def test_decode_gives_the_voxels_back(volumes, data, order):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    voxels = decode(lm, order=order)
    assert np.array_equal(voxels, volume.array)
    assert voxels.dtype == (np.uint8 if volume.array.max() < 256 else np.uint16)
    if order is not None:
        assert voxels.flags[f"{order}_CONTIGUOUS"]


@given(data=st.data())
def test_blocks_of_any_size_give_the_same_runs(volumes, data):
    volume = data.draw(volumes)
    whole = encode(volume.array, volume.affine)
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (memory_module, "_BLOCK"),
            (memory_module, "_STRIDED_BLOCK"),
            (labelmap_module, "_DECODE_RUNS"),
        ):
            patch.setattr(module, name, data.draw(st.integers(1, 60)))
        split = encode(volume.array, volume.affine)
        voxels = decode(whole)
    assert whole.same_as(split)
    assert np.array_equal(voxels, volume.array)


@given(data=st.data())
def test_wide_positions_change_nothing_else(volumes, data):
    volume = data.draw(volumes)
    narrow = encode(volume.array, volume.affine)
    wide = encode(volume.array, volume.affine, dtype=np.int64)
    assert narrow.start.dtype == narrow.stop.dtype == np.int32
    assert wide.start.dtype == wide.stop.dtype == np.int64
    assert wide.same_as(narrow)
    assert np.array_equal(decode(wide), volume.array)


@given(data=st.data())
def test_a_range_is_a_slice_of_the_whole(volumes, data):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    flat = decode(lm).transpose(lm.axes[::-1]).reshape(-1)
    begin = data.draw(st.integers(0, flat.size))
    end = data.draw(st.integers(begin, flat.size))
    assert np.array_equal(decode_range(lm, begin, end), flat[begin:end])


@given(data=st.data())
def test_counts_of_voxels_and_labels(volumes, data):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    assert lm.voxels == np.count_nonzero(volume.array)
    assert lm.labels().tolist() == sorted(set(volume.array[volume.array > 0].tolist()))
    assert lm.largest == volume.array.max()


def test_the_axes_are_those_of_the_memory():
    array = np.zeros((3, 4, 5), dtype=np.uint8)
    assert memory_axes(array) == (2, 1, 0)
    assert memory_axes(np.asfortranarray(array)) == (0, 1, 2)
    assert memory_axes(array.transpose(1, 2, 0)) == (1, 0, 2)
    assert memory_axes(np.asfortranarray(array)[::-1, :, ::-1]) == (0, 1, 2)
    assert memory_axes(np.zeros((1, 1, 9))) == (2, 0, 1)
    assert memory_axes(np.zeros((5, 4, 1))) == (1, 0, 2)


@pytest.mark.parametrize("order", AXES)
def test_contiguous_memory_is_not_copied(order):
    array = np.arange(60, dtype=np.uint8).reshape(3, 4, 5).transpose(order)
    (first, flat), *rest = blocks(array, memory_axes(array))
    assert (first, rest) == (0, [])
    assert np.shares_memory(flat, array)
    assert flat.tolist() == list(range(60))


def test_bool_is_a_label_map_of_ones():
    array = np.zeros((2, 3, 4), dtype=bool)
    array[1, 2, 1:3] = True
    lm = encode(array, EYE)
    assert triples(lm) == [(21, 23, 1)]
    assert np.array_equal(decode(lm, bool), array)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 4)])
def test_empty(shape):
    lm = encode(np.zeros(shape, dtype=np.uint16), EYE)
    assert (len(lm), lm.voxels, lm.largest, lm.labels().size) == (0, 0, 0, 0)
    assert np.array_equal(decode(lm), np.zeros(shape))


def test_one_voxel():
    lm = encode(np.full((1, 1, 1), 65535, dtype=np.uint16), EYE)
    assert triples(lm) == [(0, 1, 65535)]
    assert decode(lm).item() == 65535


@pytest.mark.parametrize("array", [np.zeros((2, 2, 2)), np.zeros((2, 2, 2), dtype=complex)])
def test_only_integers_are_labels(array):
    with pytest.raises(TypeError, match="integers"):
        encode(array, EYE)


@pytest.mark.parametrize(
    ("value", "dtype", "what"),
    [
        (-1, "int16", "-1 is negative"),
        (65536, "int32", "65536 is above"),
        (2**40, "uint64", "above"),
    ],
)
def test_labels_outside_the_range_are_refused(value, dtype, what):
    array = np.zeros((2, 3, 4), dtype=dtype)
    array[1, 1, 1] = value
    with pytest.raises(ValueError, match=what):
        encode(array, EYE)


def test_three_axes_are_needed():
    with pytest.raises(ValueError, match="three axes, not 2"):
        encode(np.zeros((2, 2), dtype=np.uint8), EYE)


@pytest.mark.parametrize(("label", "dtype"), [(256, "uint8"), (128, "int8"), (2, "bool")])
def test_decode_never_wraps(label, dtype):
    lm = encode(np.full((1, 2, 1), label, dtype=np.uint16), EYE)
    with pytest.raises(ValueError, match=f"label {label} does not fit"):
        decode(lm, dtype)


def test_decode_to_floats_is_refused():
    lm = encode(np.ones((1, 2, 1), dtype=np.uint8), EYE)
    with pytest.raises(TypeError, match="float32"):
        decode(lm, np.float32)


def test_columns_are_read_only_and_the_input_is_not():
    array = np.ones((2, 2, 2), dtype=np.uint8)
    lm = encode(array, EYE)
    for column in (lm.start, lm.stop, lm.label):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 3
    array[0, 0, 0] = 5
    assert lm.label[0] == 1


def test_positions_are_wide_from_two_to_the_31st():
    assert position_dtype(2**31 - 1) == np.int32
    assert position_dtype(2**31) == np.int64
    grid = Grid((2048, 1024, 1024), EYE)
    last = grid.size - 1
    lm = join(
        empty(grid, (0, 1, 2)), np.array([0, last]), np.array([2, last + 1]), np.array([1, 2])
    )
    assert lm.start.dtype == np.int64
    assert triples(lm) == [(0, 2, 1), (last, last + 1, 2)]
    assert decode_range(lm, last - 1, last + 1).tolist() == [0, 2]
    # Even if narrower arrays are handed in, since those could not address the grid.
    narrow = np.zeros(1, dtype=np.int32)
    assert LabelMap(grid, (0, 1, 2), narrow, narrow + 1, narrow + 1).start.dtype == np.int64


@pytest.mark.parametrize("axes", [(0, 1), (0, 1, 1), (1, 2, 3), ()])
def test_axes_must_be_a_permutation(axes):
    with pytest.raises(ValueError, match="permutation"):
        encode(np.zeros((2, 2, 2), dtype=np.uint8), EYE, axes=axes)


@given(points=st.sets(st.integers(0, 60)), data=st.data())
def test_join_joins_drops_and_keeps_lines_apart(points, data):
    ends = sorted(points | set(range(0, 61, 5)))
    pairs = list(itertools.pairwise(ends))
    label = data.draw(st.lists(st.integers(0, 2), min_size=len(pairs), max_size=len(pairs)))
    flat = np.zeros(60, dtype=np.uint8)
    for (start, stop), value in zip(pairs, label, strict=True):
        flat[start:stop] = value
    lm = join(
        empty(Grid((5, 4, 3), EYE), (0, 1, 2)),
        np.array(ends[:-1]),
        np.array(ends[1:]),
        np.array(label),
    )
    assert lm.same_as(encode(flat.reshape(3, 4, 5).T, EYE))


def test_same_as_compares_everything():
    array = np.zeros((2, 3, 4), dtype=np.uint8)
    array[0, 0, 1:3] = 1
    lm = encode(array, EYE)
    other = array.copy()
    other[0, 0, 3] = 1
    assert lm.same_as(encode(array.astype(np.int64), EYE))
    assert not lm.same_as(encode(array, np.diag([1, 1, 2, 1])))
    assert not lm.same_as(encode(np.asfortranarray(array), EYE))
    assert not lm.same_as(encode(array * 2, EYE))
    assert not lm.same_as(encode(other, EYE))
