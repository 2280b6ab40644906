"""Volumes as a browser reads them, read back with nibabel."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.cases.case_image import CaseImage
from vesalius.adapters.files.image_values import ImageVoxels
from vesalius.adapters.view.legend import Legend, LegendRow
from vesalius.adapters.view.volume_file import image_file, label_file, steps_of, thinned
from vesalius.engine.runs.grid import Grid

AFFINE = np.array([[0, -1.5, 0, 12], [0, 0, -1, 10], [2, 0.25, 0, -7], [0, 0, 0, 1]])


def read_back(file) -> nib.Nifti1Image:
    data = b"".join(file.blocks())
    assert len(data) == file.n_bytes
    return nib.Nifti1Image.from_bytes(data)


def legend_of(*integers: int) -> Legend:
    rows = [LegendRow(integer, f"s{integer}", (1, 2, 3)) for integer in integers]
    return Legend((*rows, LegendRow(None, "other", (9, 9, 9))))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("steps", [(1, 1, 1), (2, 1, 3)])
def test_labels_are_the_numbers_of_the_legend_at_their_place(order, steps):
    rng = np.random.default_rng(0)
    labels = np.asarray(rng.choice([0, 7, 300, 65535], (5, 6, 7)), np.uint16, order=order)
    grid = Grid(labels.shape, AFFINE)
    image = read_back(label_file(labels, grid, legend_of(300, 7), steps))
    wanted = np.select([labels == 300, labels == 7, labels == 65535], [1, 2, 3])
    i, j, k = steps
    assert np.array_equal(np.asarray(image.dataobj), wanted[::i, ::j, ::k])
    assert image.get_data_dtype() == np.uint8
    # The voxel that is written second along each axis is where that one of the volume is.
    assert np.array_equal(image.affine @ [1, 1, 1, 1], AFFINE @ [i, j, k, 1])
    assert np.array_equal(image.header.get_sform(), image.header.get_qform()) or AFFINE[2, 1]


def test_a_legend_of_more_than_a_byte_has_two():
    labels = np.arange(1, 271, dtype=np.uint16).reshape(10, 9, 3)
    legend = legend_of(*range(1, 271))
    image = read_back(label_file(labels, Grid(labels.shape, np.eye(4)), legend, (1, 1, 1)))
    assert image.get_data_dtype() == np.uint16
    assert np.array_equal(np.asarray(image.dataobj), labels)
    assert legend.voxels(labels) == [1] * 270 + [0]


@pytest.mark.parametrize(
    ("stored", "slope", "inter"),
    [
        (np.array([-1024, 40, 3000], np.int16), 1.0, 0.0),
        (np.array([0, 1064, 4024], np.uint16), 1.0, -1024.0),
        (np.array([-1024.4, 39.6, 1e9], np.float32), 1.0, 0.0),
    ],
)
def test_a_ct_is_in_whole_hounsfield_units(stored, slope, inter):
    array = np.asfortranarray(stored.reshape(3, 1, 1))
    grid = Grid((3, 1, 1), np.eye(4))
    file = image_file(CaseImage(ImageVoxels(array, slope, inter, "")), grid, (1, 1, 1))
    image = read_back(file)
    top = 32767 if stored.max() > 32767 else 3000
    assert np.asarray(image.dataobj).ravel().tolist() == [-1024, 40, top]
    assert (float(image.header["cal_min"]), float(image.header["cal_max"])) == (-250, 450)


def test_what_is_no_number_is_black():
    array = np.full((2, 1, 1), np.nan, np.float32)
    grid = Grid((2, 1, 1), np.eye(4))
    image = read_back(image_file(CaseImage(ImageVoxels(array, 1.0, 0.0, "")), grid, (1, 1, 1)))
    assert np.asarray(image.dataobj).ravel().tolist() == [-250, -250]


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 40)] * 3),
    spacing=st.tuples(*[st.sampled_from([0.5, 1.0, 3.0])] * 3),
    most=st.integers(1, 2000),
    longest=st.integers(1, 40),
)
def test_planes_are_left_out_until_it_fits(shape, spacing, most, longest):
    grid = Grid(shape, np.diag([*spacing, 1.0]))
    steps = steps_of(grid, most, longest)
    shown = thinned(grid, steps)
    assert shown.shape == tuple(
        len(range(0, n, step)) for n, step in zip(shape, steps, strict=True)
    )
    assert shown.size <= most
    assert max(shown.shape) <= longest
    if grid.size <= most and max(shape) <= longest:
        assert steps == (1, 1, 1)


def test_planes_that_lie_closest_are_left_out_first():
    grid = Grid((100, 100, 10), np.diag([1.0, 1.0, 5.0, 1.0]))
    assert steps_of(grid, 25_000) == (2, 2, 1)
    assert steps_of(Grid((3000, 2, 2), np.eye(4))) == (2, 1, 1)
