"""A large image is unpacked onto the disk: it gives what an image in memory gives."""

import errno
import hashlib
import pickle
import tempfile
from io import FileIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vesalius
from vesalius.adapters.files import image_values
from vesalius.adapters.files.disk_voxels import DiskVoxels

SHAPE = (9, 7, 11)


@pytest.fixture
def on_disk(monkeypatch):
    """Take every image for a large one."""
    monkeypatch.setattr(image_values, "LARGE_BYTES", 0)


@pytest.fixture(scope="module")
def numbers():
    return np.random.default_rng(0).integers(-1000, 1000, SHAPE).astype(np.int16)


@pytest.mark.parametrize("kind", ["i2", "u2", "f4", "f8"])
@pytest.mark.parametrize("byte_order", "<>")
@pytest.mark.parametrize("scale", [None, (-2.0, 3.5)])
def test_it_gives_what_memory_gives(
    tmp_path, save, read_image, numbers, monkeypatch, *, kind, byte_order, scale
):
    array = numbers.astype(kind)
    if kind == "f4":
        array[1, 2, 3], array[4, 5, 6] = np.nan, np.inf
    # With a scale bytes are written as they are.
    written = array if scale is None else array.astype(byte_order + kind)
    path = save(tmp_path / "ct.nii.gz", written, byte_order=byte_order, scale=scale)
    held = read_image(path)
    monkeypatch.setattr(image_values, "LARGE_BYTES", 0)
    # So that parts of a sample come from several places.
    monkeypatch.setattr(image_values, "_MOST_SAMPLES", 200)
    disk = read_image(path)
    assert isinstance(held.stored, np.ndarray)
    assert isinstance(disk.stored, DiskVoxels)
    assert disk.digest == held.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert disk.stored[()].dtype == held.stored.dtype
    assert np.array_equal(disk.values(), held.values(), equal_nan=kind == "f4")
    assert disk.lowest() == held.lowest()
    assert disk.without_number() == held.without_number() == (2 if kind == "f4" else 0)
    assert np.array_equal(disk.sample, held.values().reshape(-1, order="F")[::3], equal_nan=True)
    assert np.array_equal(disk.in_memory().stored, disk.stored[()], equal_nan=kind == "f4")
    at = tuple(np.random.default_rng(1).integers(0, n, 50) for n in SHAPE)
    assert np.array_equal(disk.values_at(at), held.values_at(at), equal_nan=True)
    assert np.array_equal(held.values_at(at), held.values()[at].astype(float), equal_nan=True)


@pytest.fixture(scope="module")
def disk(numbers):
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(numbers.tobytes(order="F"))
        return DiskVoxels(file, SHAPE, numbers.dtype)


@st.composite
def box(draw):
    def part(n):
        low = draw(st.integers(0, n))
        step = draw(st.sampled_from([None, 1, 2, 3]))
        return slice(low, draw(st.integers(low, n + 2)), step) if low else slice(None, None, step)

    return tuple(part(n) for n in SHAPE[: draw(st.integers(0, 3))])


@settings(max_examples=100)
@given(where=box())
def test_boxes_are_those_of_an_array(disk, numbers, where):
    assert np.array_equal(disk[where], numbers[where])
    assert disk[where].flags.f_contiguous


def test_a_copy_is_an_array(disk, numbers):
    assert np.array_equal(pickle.loads(pickle.dumps(disk)), numbers)


@pytest.mark.usefixtures("on_disk")
def test_the_file_has_no_name_and_goes(tmp_path, monkeypatch, save, read_image, numbers):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    voxels = read_image(save(tmp_path / "ct.nii.gz", numbers))
    assert isinstance(voxels.stored, DiskVoxels)
    assert not list(folder.iterdir())


@pytest.mark.usefixtures("on_disk")
def test_without_a_folder_for_it_voxels_are_in_memory(
    tmp_path, monkeypatch, save, read_image, numbers
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    voxels = read_image(save(tmp_path / "ct.nii.gz", numbers, byte_order=">"))
    assert np.array_equal(voxels.stored, numbers)
    assert isinstance(voxels.stored, np.ndarray)


@pytest.mark.usefixtures("on_disk")
@pytest.mark.parametrize("room", [0, 1 << 19, 3 << 19, 5 << 19])
def test_on_a_full_disk_voxels_go_on_in_memory(tmp_path, monkeypatch, save, read_image, room):
    class Small(FileIO):
        def write(self, some):
            left = room - self.tell()
            if left <= 0:
                raise OSError(errno.ENOSPC, "no space left on device")
            return super().write(some[:left])

    array = np.random.default_rng(2).integers(-1000, 1000, (64, 64, 400)).astype(np.int16)
    path = save(tmp_path / "ct.nii", array, byte_order=">")
    monkeypatch.setattr(
        tempfile, "TemporaryFile", lambda buffering: Small(tmp_path / "small", "w+")
    )
    voxels = read_image(path)
    assert isinstance(voxels.stored, np.ndarray)
    assert np.array_equal(voxels.stored, array)


@pytest.mark.usefixtures("on_disk")
def test_damage_is_told_as_in_memory(tmp_path, save, read_image, codes, numbers):
    path = save(tmp_path / "ct.nii", numbers)
    whole = path.read_bytes()
    for damaged, code in ((whole[:-1], "IO007"), (whole + b"x", "IO008")):
        path.write_bytes(damaged)
        assert codes(read_image, path) == [code]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_a_case_ends_as_with_the_image_in_memory(monkeypatch, order):
    rng = np.random.default_rng(3)
    labels = np.zeros((24, 20, 16), np.uint8)
    labels[4:10, 4:16, 3:12], labels[12:20, 4:16, 3:12] = 5, 1
    ct = rng.normal(40, 15, labels.shape).round().astype(np.int16)
    ct[0], ct[-1], ct[:, :2] = -1024, -1024, -1024
    affine = np.diag([8.0, 8, 8, 1])
    # The labels in another order of axes: then slabs do not lie along the last one.
    turned = affine[:, [*order, 3]]
    given = (labels.transpose(order), turned)
    session = vesalius.Session("totalsegmentator_v2")

    def ended():
        made = session.repair(given, image=(ct, affine))
        return made.array, [(o.rule.id, o.status, o.reason) for o in made.outcomes]

    in_memory, told = ended()
    monkeypatch.setattr(image_values, "LARGE_BYTES", 0)
    on_disk, told_again = ended()
    assert np.array_equal(on_disk, in_memory)
    assert told_again == told
    assert any(status == "changed" for _, status, _ in told)
