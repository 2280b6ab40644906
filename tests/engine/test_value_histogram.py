"""Image values by label against numpy on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vesalius.engine.runs.intensity import LARGEST_VALUE
from vesalius.engine.runs.labelmap import encode
from vesalius.engine.runs.value_histogram import value_histograms

SHAPE = (4, 5, 3)
PERCENT = (0.0, 1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 100.0)


@dataclass
class Dense:
    array: np.ndarray

    def values(self, slab):
        return self.array[slab]


def check(labels, image, step, tolerance):
    found = value_histograms(encode(labels, np.eye(4)), Dense(image))
    assert found.step == step
    for label in np.unique(labels[labels > 0]):
        inside = image[labels == label].astype(float)
        inside = inside[np.isfinite(inside) & (np.abs(inside) <= LARGEST_VALUE)]
        assert found.voxels(label) == inside.size
        if not inside.size:
            assert found.mean(label) is None
            assert found.spread(label) is None
            assert set(found.percentiles(label, PERCENT)) == {None}
            continue
        # Rounding to a step moves a value by half a step at most; the sd needs one more.
        assert found.mean(label) == pytest.approx(inside.mean(), abs=tolerance, rel=1e-12)
        assert found.spread(label) == pytest.approx(inside.std(), abs=2 * tolerance, rel=1e-9)
        truth = np.percentile(inside, PERCENT, method="inverted_cdf")
        assert found.percentiles(label, PERCENT) == pytest.approx(truth, abs=tolerance)


labels = hnp.arrays(np.uint8, SHAPE, elements=st.integers(0, 3))


@settings(deadline=None)
@given(labels, hnp.arrays(np.int16, SHAPE, elements=st.integers(-1024, 3071)))
def test_whole_numbers_are_exact(labels, image):
    check(labels, image, 1.0, 1e-9)


@settings(deadline=None)
@given(labels, hnp.arrays(np.float32, SHAPE, elements=st.floats(-1000, 3000, width=32)))
def test_fractions_are_rounded_to_an_eighth(labels, image):
    image[0, 0, 0] = 0.3  # a fraction, whatever is drawn
    labels[0, 0, 0] = 1
    check(labels, image, 0.125, 0.0625)


def test_what_is_no_number_is_counted_in_no_bin():
    labels = np.ones(SHAPE, np.uint8)
    labels[0] = 2
    image = np.zeros(SHAPE, np.float32)
    image[1, 0, 0], image[1, 0, 1], image[1, 0, 2] = np.nan, np.inf, 1e9
    image[0] = np.nan
    check(labels, image, 1.0, 1e-9)


def test_values_far_apart_get_a_coarser_step():
    labels = np.full(SHAPE, 250, np.uint8)
    image = np.zeros(SHAPE, np.int32)
    image[0], image[1] = -200_000, 200_000
    found = value_histograms(encode(labels, np.eye(4)), Dense(image))
    assert found.step > 1
    assert found.percentiles(250, (0.0, 100.0)) == pytest.approx(
        (-200_000, 200_000), abs=found.step
    )


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_memory_order_changes_nothing(axes):
    rng = np.random.default_rng(5)
    labels, image = rng.integers(0, 3, SHAPE), rng.integers(-50, 50, SHAPE)
    found = value_histograms(encode(labels, np.eye(4), axes=axes), Dense(image))
    truth = [np.sort(image[labels == label]) for label in (1, 2)]
    assert [found.percentiles(label, (50.0,))[0] for label in (1, 2)] == [
        np.percentile(values, 50, method="inverted_cdf") for values in truth
    ]


def test_a_map_without_a_label_has_no_values():
    found = value_histograms(encode(np.zeros(SHAPE, np.uint8), np.eye(4)), Dense(np.zeros(SHAPE)))
    assert found.voxels(1) == 0
    assert found.mean(1) is None
