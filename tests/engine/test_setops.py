"""Set operations on runs, against numpy on voxels."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from oracle import dense
from vesalius.engine.runs.build import Pieces
from vesalius.engine.runs.labelmap import LabelMap, decode, encode
from vesalius.engine.runs.sweeps import (
    has_label,
    keep_labels,
    overlay,
    refine,
    refine_windows,
    relabel,
    relabel_runs,
    subtract,
    union,
    with_axes,
)

AXES = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
EYE = np.eye(4)


def same_as_voxels(lm, expected):
    """Check voxels and canonical form at once: encoding the voxels must give the same runs."""
    return lm.same_as(encode(expected, lm.grid.affine, axes=lm.axes))


def encoded(drawn, dtype=np.int32):
    first = encode(drawn[0].array, drawn[0].affine, dtype=dtype)
    rest = [encode(v.array, v.affine, axes=first.axes, dtype=dtype) for v in drawn[1:]]
    return [first, *rest]


@given(data=st.data())
def test_relabel(volumes, data):
    volume = data.draw(volumes)
    volume.array = volume.array % 7
    few = st.lists(st.sampled_from([0, 0, 1, 2, 65535]), min_size=7, max_size=9)
    lut = data.draw(few | st.permutations([1, 2, 3, 4, 5, 6, 65535]))
    lm = encode(volume.array, volume.affine)
    assert same_as_voxels(relabel(lm, lut), dense.relabel(volume.array, lut))


def test_relabel_never_wraps_and_never_guesses():
    lm = encode(np.full((1, 1, 3), 5, dtype=np.uint8), EYE)
    assert relabel(lm, [9, 1, 1, 1, 1, 0]).voxels == 0
    for bad, what in (([0] * 5 + [65536], "within"), ([0] * 5 + [-1], "within"), ([0] * 5, "no")):
        with pytest.raises(ValueError, match=what):
            relabel(lm, bad)
    with pytest.raises(TypeError, match="integers"):
        relabel(lm, [0.5] * 6)


def test_background_stays_background_whatever_the_table_says():
    array = np.array([[[0, 1, 0]]], dtype=np.uint8)
    assert decode(relabel(encode(array, EYE), [3, 2])).tolist() == [[[0, 2, 0]]]


@given(data=st.data())
def test_relabel_runs(volumes, data):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    new = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(lm), max_size=len(lm))))
    expected = dense.paint(lm, new.astype(np.uint16), 0)
    assert same_as_voxels(relabel_runs(lm, new.astype(np.int64)), expected)
    pieces = Pieces(lm, lm.start, lm.stop, np.arange(len(lm)))
    assert pieces.joined().same_as(lm)
    assert same_as_voxels(pieces.joined(new.astype(np.int64)), expected)


def test_one_label_per_run():
    lm = encode(np.full((1, 1, 3), 5, dtype=np.uint8), EYE)
    with pytest.raises(ValueError, match="1 runs need 1 labels, not 2"):
        relabel_runs(lm, [1, 2])
    with pytest.raises(ValueError, match="1 pieces need 1 labels, not 2"):
        Pieces(lm, lm.start, lm.stop, np.arange(1)).joined([1, 2])


@given(data=st.data(), chosen=st.sets(st.integers(0, 65535) | st.integers(0, 5)))
def test_labels_are_kept(volumes, data, chosen):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    mask = np.isin(volume.array, list(chosen)) & (volume.array > 0)
    assert same_as_voxels(keep_labels(lm, sorted(chosen)), volume.array * mask)
    of_run = has_label(lm, sorted(chosen))
    assert np.array_equal(dense.paint(lm, of_run, False), mask)


@given(data=st.data(), dtype=st.sampled_from([np.int32, np.int64]))
def test_two_maps(volume_groups, data, dtype):
    drawn = data.draw(volume_groups(2))
    one, other = encoded(drawn, dtype)
    a, b = (v.array.astype(np.uint16) for v in drawn)
    results = {
        subtract: np.where(b == 0, a, 0),
        overlay: dense.overlay(a, b),
    }
    for operation, expected in results.items():
        result = operation(one, other)
        assert same_as_voxels(result, expected), operation.__name__
        assert result.start.dtype == dtype


@given(data=st.data(), count=st.integers(1, 4))
def test_many_maps(volume_groups, data, count):
    drawn = data.draw(volume_groups(count))
    masks = np.stack([v.array != 0 for v in drawn])
    assert same_as_voxels(union(encoded(drawn)), masks.any(axis=0))


@given(data=st.data(), count=st.integers(1, 4), window=st.integers(1, 40))
def test_refinement(volume_groups, data, count, window):
    drawn = data.draw(volume_groups(count))
    maps = encoded(drawn)
    expected = dense.refine([v.array for v in drawn], maps[0].axes)
    whole = refine(maps)
    rows = zip(whole.start.tolist(), whole.stop.tolist(), whole.labels.tolist(), strict=True)
    assert [(s, e, tuple(labels)) for s, e, labels in rows] == expected
    assert whole.labels.dtype == np.uint16
    assert whole.start.dtype == np.int32
    parts = list(refine_windows(maps, window))
    for column in range(3):
        assert np.array_equal(np.concatenate([p[column] for p in parts]), whole[column])


def test_windows_part_the_runs():
    rng = np.random.default_rng(1)
    arrays = [rng.integers(0, 3, (20, 30, 40)) * (rng.random((20, 30, 40)) < d) for d in (1, 0.02)]
    maps = [encode(a, EYE) for a in arrays]
    total = sum(len(m) for m in maps)
    sizes = [p.start.size for p in refine_windows(maps, 1000)]
    assert len(sizes) > total / 4000
    assert max(sizes) < 4000
    assert sum(sizes) == len(refine(maps).start)


def test_maps_must_share_shape_and_axes():
    array = np.zeros((2, 3, 4), dtype=np.uint8)
    lm = encode(array, EYE)
    with pytest.raises(ValueError, match="no label map"):
        refine([])
    with pytest.raises(ValueError, match="shapes differ"):
        refine([lm, encode(array[:1], EYE)])
    with pytest.raises(ValueError, match="axes differ"):
        refine([lm, encode(np.asfortranarray(array), EYE)])


def test_operations_on_empty_maps():
    nothing = encode(np.zeros((2, 3, 4), dtype=np.uint8), EYE)
    full = encode(np.ones((2, 3, 4), dtype=np.uint8), EYE)
    assert subtract(nothing, full).same_as(nothing)
    assert overlay(full, nothing).same_as(full)
    assert refine([nothing, nothing]).labels.shape == (0, 2)
    assert relabel(nothing, [0]).same_as(nothing)


@given(data=st.data(), axes=st.sampled_from(AXES), dtype=st.sampled_from([np.int32, np.int64]))
def test_other_axes(volumes, data, axes, dtype):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine, dtype=dtype)
    turned = with_axes(lm, axes)
    assert turned.same_as(encode(volume.array, volume.affine, axes=axes))
    assert turned.start.dtype == dtype
    assert isinstance(turned, LabelMap)
