"""Thresholds and sums of an image under a label map, against numpy on voxels."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from oracle import dense
from vesalius.engine.runs import memory as memory_module
from vesalius.engine.runs.labelmap import encode
from vesalius.engine.runs.sample import threshold_runs

EYE = np.eye(4)


@given(
    data=st.data(),
    kind=st.sampled_from(["int16", "uint8", "float32", "float64"]),
    order=st.sampled_from("CF"),
    block=st.sampled_from([1, 20, 1 << 19]),
    dtype=st.sampled_from([np.int32, np.int64]),
)
def test_threshold(volumes, data, kind, order, block, dtype):
    volume = data.draw(volumes)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    image = np.asarray(rng.integers(0, 20, volume.array.shape) * 5, dtype=kind, order=order)
    if image.dtype.kind == "f":
        image[rng.random(image.shape) < 0.1] = np.nan
    lm = encode(volume.array, volume.affine, dtype=dtype)
    low, high = sorted(data.draw(st.tuples(st.integers(-5, 100), st.integers(-5, 100))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_module, "_BLOCK", block)
        patch.setattr(memory_module, "_STRIDED_BLOCK", block)
        kept = threshold_runs(lm, image, low, high)
    expected = np.where((image >= low) & (image <= high), volume.array, 0)
    assert kept.same_as(encode(expected, volume.affine, axes=lm.axes))
    assert kept.start.dtype == dtype


def test_bounds_are_included_and_compared_as_numbers():
    lm = encode(np.full((1, 1, 5), 7, dtype=np.uint8), EYE)
    image = np.array([[[-1024, 129, 130, 299, 301]]], dtype=np.int16)
    assert threshold_runs(lm, image, 129.5, 299).start.tolist() == [2]
    assert threshold_runs(lm, image, 129.5, 299).stop.tolist() == [4]
    assert threshold_runs(lm, image, -1e9, float("inf")).same_as(lm)
    assert threshold_runs(lm, image.astype(np.uint8), 0, 1000).same_as(lm)


def test_the_image_must_fit():
    lm = encode(np.ones((1, 2, 3), dtype=np.uint8), EYE)
    with pytest.raises(ValueError, match=r"\(1, 2, 4\), not \(1, 2, 3\)"):
        threshold_runs(lm, np.zeros((1, 2, 4)), 0, 1)


def test_empty_map_reads_nothing():
    lm = encode(np.zeros((2, 2, 3), dtype=np.uint8), EYE)
    assert len(threshold_runs(lm, np.ones((2, 2, 3)), 0, 2)) == 0
    assert dense.labels(lm).sum() == 0
