"""Images: grid at once, voxels on demand."""

import hashlib

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.files.nifti_header import read_header


@pytest.mark.parametrize("kind", ["i2", "u2", "i4", "f4", "f8", "u1"])
@pytest.mark.parametrize("byte_order", "<>")
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_stored_numbers_equal_nibabel(
    tmp_path, save, read_image, check_image, *, kind, byte_order, suffix
):
    array = np.random.default_rng(0).integers(0, 200, (5, 6, 7)).astype(kind)
    if kind not in {"u1", "u2"}:
        array = array - 100
    path = save(tmp_path / f"ct{suffix}", array, byte_order=byte_order)
    assert read_header(path).grid.shape == array.shape
    voxels = read_image(path)
    assert np.array_equal(voxels.stored, np.asanyarray(nib.load(path).dataobj))
    assert voxels.stored.dtype == np.dtype(kind)
    assert voxels.stored.flags.f_contiguous
    assert not voxels.stored.flags.writeable
    assert np.shares_memory(voxels.values(slice(1, 3)), voxels.stored)
    assert voxels.digest == check_image(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_scaling_is_kept_beside_the_stored_numbers(tmp_path, save, read_image):
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    path = save(tmp_path / "ct.nii.gz", array, scale=(2.0, -1024.0))
    voxels = read_image(path)
    assert np.array_equal(voxels.stored, array)
    assert (voxels.slope, voxels.inter) == (2.0, -1024.0)
    assert np.array_equal(voxels.values(), nib.load(path).get_fdata())
    assert np.array_equal(voxels.values(slice(None), slice(1, 2)), array[:, 1:2] * 2.0 - 1024)


def test_voxels_are_not_read_before_they_are_asked_for(tmp_path, save, read_image, codes):
    path = save(tmp_path / "ct.nii", np.zeros((5, 6, 7), np.int16))
    path.write_bytes(path.read_bytes()[:-1])
    assert read_header(path).grid.shape == (5, 6, 7)
    assert codes(read_image, path) == ["IO007"]


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_check_finds_what_reading_finds(tmp_path, save, read_image, check_image, codes, suffix):
    path = save(tmp_path / f"ct{suffix}", np.arange(210, dtype=np.int16).reshape(5, 6, 7))
    whole = path.read_bytes()
    assert check_image(path) == read_image(path).digest
    assert check_image(path) == hashlib.sha256(whole).hexdigest()
    for damaged in (whole[:-1], whole[:-5], whole + b"x"):
        path.write_bytes(damaged)
        found = codes(check_image, path)  # small files end in their first block
        assert found == codes(read_image, path)
        assert len(found) == 1


@pytest.mark.parametrize(
    ("values", "scale", "lowest"),
    [
        ([3, -7, 5], None, -7.0),
        ([0, 5, 9], (1.0, -1024.0), -1024.0),
        ([0, 5, 9], (-2.0, 3.0), -15.0),
    ],
)
def test_the_lowest_value(tmp_path, save, read_image, values, scale, lowest):
    array = np.array(values, np.int16).reshape(3, 1, 1)
    path = save(tmp_path / "ct.nii.gz", array, **({} if scale is None else {"scale": scale}))
    assert read_image(path).lowest() == lowest


def test_the_lowest_value_among_nan(tmp_path, save, read_image):
    array = np.array([np.nan, 4, -2], np.float32).reshape(3, 1, 1)
    assert read_image(save(tmp_path / "a.nii.gz", array)).lowest() == -2.0
    empty = np.full((3, 1, 1), np.nan, np.float32)
    assert read_image(save(tmp_path / "b.nii.gz", empty)).lowest() is None
