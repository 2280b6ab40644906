"""Written label maps: nibabel reads back the same voxels in the same place."""

import gzip
import itertools
import os
import struct

import nibabel as nib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vesalius.adapters.files import gzip_stream
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.nifti_write import INTENT_LABEL, label_header, write_labels
from vesalius.engine.runs.grid import Grid


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(["u1", "u2", "i2", "i4", "u8", ">u2", "?"]),
    axes=st.sampled_from(list(itertools.permutations(range(3)))),
    step=st.sampled_from([1, -1]),
    suffix=st.sampled_from([".nii", ".nii.gz"]),
    shape=st.tuples(*[st.integers(1, 7)] * 3),
    largest=st.sampled_from([1, 255, 256, 65535]),
)
def test_round_trip(tmp_path, affine, *, kind, axes, step, suffix, shape, largest):
    largest = min(largest, np.iinfo(kind).max) if kind != "?" else 1
    array = np.random.default_rng(0).integers(0, largest, shape, endpoint=True).astype(kind)
    array = array.transpose(axes)[::step]
    if kind == "?":
        array = array.astype(np.uint8)
    path = tmp_path / f"x{suffix}"
    write_labels(path, array, Grid(array.shape, affine))
    picture = nib.load(path)
    assert np.array_equal(np.asanyarray(picture.dataobj), array)
    assert np.allclose(picture.affine, affine, atol=1e-5)
    fits = array.max() <= 255 and array.dtype != np.uint16
    assert picture.get_data_dtype() == (np.uint8 if fits else np.uint16)
    assert int(picture.header["intent_code"]) == INTENT_LABEL
    content = path.read_bytes()
    content = gzip.decompress(content) if suffix == ".nii.gz" else content
    assert struct.unpack_from("<2f", content, 112) == (1, 0)
    assert np.array_equal(read_labels(path).array, array)
    assert os.listdir(tmp_path) == [path.name]
    path.unlink()


@pytest.mark.parametrize("forms", [(1, 1), (2, 0), (0, 1), (3, 4)])
@pytest.mark.parametrize("byte_order", "<>")
@pytest.mark.parametrize("image", [nib.Nifti1Image, nib.Nifti2Image])
def test_the_place_in_space_is_the_reference_to_the_last_bit(
    tmp_path, affine, labels, *, forms, byte_order, image
):
    header = image.header_class(endianness=byte_order)
    header.set_data_dtype(np.int16)
    header["descrip"], header["cal_max"], header["aux_file"] = b"scanner", 300, b"hot"
    reference = image(labels.astype(np.int16), affine, header)
    reference.set_sform(affine, forms[0])
    reference.set_qform(affine, forms[1])
    reference.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"name of patient"))
    nib.save(reference, tmp_path / "ct.nii.gz")
    ct = read_labels(tmp_path / "ct.nii.gz")
    write_labels(tmp_path / "seg.nii.gz", labels, ct.grid, ct.header)
    written, original = nib.load(tmp_path / "seg.nii.gz"), nib.load(tmp_path / "ct.nii.gz")
    assert type(written) is type(original)
    assert np.array_equal(written.affine, original.affine)
    for name in ("sform_code", "qform_code", "quatern_b", "quatern_c", "quatern_d", "qoffset_x"):
        assert written.header[name] == original.header[name]
    for name in ("srow_x", "srow_y", "srow_z", "pixdim", "descrip", "xyzt_units"):
        assert np.array_equal(written.header[name], original.header[name])
    assert written.header["cal_max"] == 0
    assert written.header["aux_file"] == b""
    assert written.header.endianness == "<"
    assert len(written.header.extensions) == 0
    assert b"patient" not in gzip.decompress((tmp_path / "seg.nii.gz").read_bytes())
    assert np.array_equal(np.asanyarray(written.dataobj), labels)
    assert read_labels(tmp_path / "seg.nii.gz").grid.offset_mm(ct.grid) == 0


def test_another_grid_than_the_reference_wins(tmp_path, affine, labels, save):
    ct = read_labels(save(tmp_path / "ct.nii.gz", labels))
    moved = np.diag([2.0, 3, 4, 1])
    write_labels(tmp_path / "seg.nii.gz", labels[:3], Grid(labels[:3].shape, moved), ct.header)
    picture = nib.load(tmp_path / "seg.nii.gz")
    assert np.array_equal(picture.affine, moved)
    assert np.allclose(picture.get_qform(), moved)


def test_a_four_dimensional_reference_gives_three_axes(tmp_path, labels, save):
    ct = read_labels(save(tmp_path / "ct.nii.gz", labels[..., None]))
    write_labels(tmp_path / "seg.nii.gz", labels, ct.grid, ct.header)
    assert nib.load(tmp_path / "seg.nii.gz").shape == labels.shape


def test_long_axes_need_the_second_version(tmp_path, affine, labels, save):
    ct = read_labels(save(tmp_path / "ct.nii.gz", labels))
    array = np.zeros((40000, 1, 1), np.uint8)
    array[39999] = 7
    for like in (None, ct.header):
        write_labels(tmp_path / "x.nii.gz", array, Grid(array.shape, affine), like)
        picture = nib.load(tmp_path / "x.nii.gz")
        assert isinstance(picture, nib.Nifti2Image)
        assert np.array_equal(np.asanyarray(picture.dataobj), array)
        assert np.allclose(picture.affine, affine, atol=1e-5)


def test_the_callers_header_is_not_changed(affine, labels, tmp_path, save):
    like = read_labels(save(tmp_path / "ct.nii.gz", labels)).header
    before = like.binaryblock
    label_header(Grid(labels.shape, affine), np.dtype(np.uint16), like)
    assert like.binaryblock == before


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_equal_voxels_give_equal_files(tmp_path, affine, labels, monkeypatch, *, fast, level):
    if not fast:
        monkeypatch.setattr(gzip_stream, "fast_library", lambda: None)
    for name in ("a.nii.gz", "b.nii.gz"):
        write_labels(tmp_path / name, labels, Grid(labels.shape, affine), level=level)
    content = (tmp_path / "a.nii.gz").read_bytes()
    assert content == (tmp_path / "b.nii.gz").read_bytes()
    assert gzip.decompress(content)[352:] == labels.tobytes(order="F")


@pytest.mark.parametrize("value", [-1, 65536])
def test_nothing_ever_wraps(tmp_path, affine, value):
    array = np.full((2, 2, 2), value)
    with pytest.raises(ValueError, match="outside"):
        write_labels(tmp_path / "x.nii.gz", array, Grid(array.shape, affine))
    assert os.listdir(tmp_path) == []


def test_wrong_use(tmp_path, affine, labels):
    grid = Grid(labels.shape, affine)
    with pytest.raises(ValueError, match="shape"):
        write_labels(tmp_path / "x.nii.gz", labels[1:], grid)
    with pytest.raises(ValueError, match="whole numbers"):
        write_labels(tmp_path / "x.nii.gz", labels / 2, grid)
    with pytest.raises(ValueError, match="levels"):
        write_labels(tmp_path / "x.nii.gz", labels, grid, level=9)
    assert os.listdir(tmp_path) == []
