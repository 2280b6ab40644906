"""Sums of image values over labels."""

from dataclasses import dataclass

import numpy as np
import pytest

from vesalius.engine.runs import crop
from vesalius.engine.runs.intensity import label_sums
from vesalius.engine.runs.labelmap import encode


@dataclass(frozen=True)
class Whole:
    array: np.ndarray

    def values(self, slab):
        return self.array[slab]


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
@pytest.mark.parametrize("kind", ["i2", "u1", "u2", "i4", "f8"])
@pytest.mark.parametrize("slab", [1, 60, 1 << 20])
def test_sums_are_those_of_each_mask(monkeypatch, axes, kind, slab):
    monkeypatch.setattr(crop, "_SLAB", slab)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, (6, 7, 8)).astype(np.uint8)
    labels[-1, -1] = 3  # up to the last voxel
    low = 0 if kind[0] == "u" else -30
    image = rng.integers(low, 200, labels.shape).astype(kind)
    found = label_sums(encode(labels, np.eye(4), axes=axes), Whole(image))
    for label in range(1, 4):
        inside = image[labels == label].astype(int)
        assert found.voxels[label] == inside.size
        assert found.sums[label] == 1024 * inside.sum()
        assert found.mean(label) == inside.sum() / inside.size
    assert found.voxels[0] == found.sums[0] == 0


def test_the_widest_values_of_two_bytes_count():
    labels = np.ones((3, 1, 1), np.uint8)
    image = np.array([65535, 65535, 1], np.uint16).reshape(labels.shape)
    found = label_sums(encode(labels, np.eye(4)), Whole(image))
    assert found.mean(1) == (2 * 65535 + 1) / 3
