"""Measures and histograms of runs, against loops over voxels."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from oracle import dense
from vesalius.engine.runs.histogram import group_histogram
from vesalius.engine.runs.labelmap import encode
from vesalius.engine.runs.measure import first_position, in_microns, measure, measure_groups, to_mm

EYE = np.eye(4)


@given(data=st.data(), dtype=st.sampled_from([np.int32, np.int64]))
def test_measures_of_labels(volumes, data, dtype):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine, dtype=dtype)
    found = measure(lm)
    expected = dense.measure(volume.array)
    assert found.label.tolist() == [c.key for c in expected]
    assert found.voxels.tolist() == [len(c.voxels) for c in expected]
    assert found.box_lo.tolist() == [list(c.box_lo) for c in expected]
    assert found.box_hi.tolist() == [list(c.box_hi) for c in expected]
    assert found.index_sum.tolist() == [list(c.index_sum) for c in expected]
    for row, component in enumerate(expected):
        centre = np.array(component.index_sum) / len(component.voxels)
        assert np.array_equal(found.centre_ijk[row], centre)
        assert found.centre_mm[row] == pytest.approx(lm.grid.to_mm(centre), abs=1e-9)
        assert found.on_border[row].tolist() == dense.on_border(volume.array, component.key)
        assert found.volume_ml[row] == pytest.approx(len(component.voxels) * lm.grid.voxel_ml)


@given(data=st.data(), n=st.integers(1, 5))
def test_measures_of_groups(volumes, data, n):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    group = np.array(
        data.draw(st.lists(st.integers(-1, n - 1), min_size=len(lm), max_size=len(lm)))
    )
    array = dense.paint(lm, group.astype(np.int64), -1) + 1
    expected = {c.key - 1: c for c in dense.measure(array)}
    found = measure_groups(lm, group, n)
    assert found.label.tolist() == list(range(n))
    for row in range(n):
        if row not in expected:
            assert found.voxels[row] == 0
            assert not found.box_hi[row].any()
            assert np.isnan(found.centre_mm[row]).all()
            assert not found.on_border[row].any()
            continue
        assert found.voxels[row] == len(expected[row].voxels)
        assert found.index_sum[row].tolist() == list(expected[row].index_sum)
        assert found.box_lo[row].tolist() == list(expected[row].box_lo)
        assert found.box_hi[row].tolist() == list(expected[row].box_hi)


def test_more_groups_than_a_short_integer_counts():
    rng = np.random.default_rng(3)
    array = rng.integers(0, 2, (30, 40, 300), dtype=np.uint8)
    lm = encode(array, EYE)
    n = len(lm)
    assert n > 65536
    group = rng.permutation(n)
    found = measure_groups(lm, group, n)
    assert np.array_equal(found.voxels[group], lm.lengths)
    assert np.array_equal(found.index_sum[:, 0][group], lm.start // 12000 * lm.lengths)


def test_sums_do_not_overflow():
    lm = encode(np.ones((1, 1, 200_000), dtype=np.uint8), EYE)
    assert measure(lm).index_sum.tolist() == [[0, 0, 200_000 * 199_999 // 2]]


@pytest.mark.parametrize(
    ("group", "what"), [([0, 0], "1 groups, not 2"), ([3], "-1"), ([-2], "-1")]
)
def test_groups_are_checked(group, what):
    lm = encode(np.ones((1, 1, 3), dtype=np.uint8), EYE)
    with pytest.raises(ValueError, match=what):
        measure_groups(lm, group, 3)


def test_groups_of_any_integer_type():
    lm = encode(np.ones((2, 1, 3), dtype=np.uint8), EYE)
    for kind in (np.uint8, np.int8, np.uint16, np.uint64):
        assert measure_groups(lm, np.array([127, 1], dtype=kind), 128).voxels[127] == 3
    assert measure_groups(lm, np.array([255, 1], dtype=np.uint8), 256).voxels[255] == 3
    with pytest.raises(TypeError, match="float64"):
        measure_groups(lm, [0.0, 1.0], 3)
    nothing = encode(np.zeros((1, 1, 3), dtype=np.uint8), EYE)
    assert measure_groups(nothing, [], 2).voxels.tolist() == [0, 0]
    assert group_histogram(nothing, [], 2, 2).tolist() == [[0, 0, 0], [0, 0, 0]]


@given(data=st.data())
def test_the_first_voxel_in_patient_space(volumes, data):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    found = measure(lm)
    group = np.searchsorted(found.label, lm.label)
    first = first_position(lm, group, len(found))
    for row, component in enumerate(dense.measure(volume.array)):
        every = in_microns(to_mm(lm.grid, np.array(component.voxels)))
        assert tuple(first[row]) == min(map(tuple, every))


@given(data=st.data(), axis=st.integers(0, 2))
def test_histograms(volumes, data, axis):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    label = lm.labels()
    counts = group_histogram(lm, np.searchsorted(label, lm.label), label.size, axis)
    assert counts.shape == (label.size, volume.array.shape[axis])
    for row, value in enumerate(label.tolist()):
        assert counts[row].tolist() == dense.index_histogram(volume.array, value, axis)


def test_histogram_of_groups_leaves_runs_out():
    array = np.array([[[1, 1, 0, 2]], [[1, 0, 2, 2]]], dtype=np.uint8)
    lm = encode(array, EYE)
    assert group_histogram(lm, [-1, 1, 1, -1], 3, 2).tolist() == [
        [0, 0, 0, 0],
        [1, 0, 0, 1],
        [0, 0, 0, 0],
    ]
    assert group_histogram(lm, [-1, 1, 1, -1], 3, 0).tolist() == [[0, 0], [1, 1], [0, 0]]
