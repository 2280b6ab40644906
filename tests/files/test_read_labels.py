"""Reading label files equals nibabel, whatever type, order, scale and compression."""

import contextlib
import gzip
import hashlib

import nibabel as nib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vesalius.adapters.files import gzip_stream
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.nifti_header import read_grid, read_header
from vesalius.ontology.reading.diagnostics import DiagnosticError

TYPES = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
LARGEST = {"u1": 255, "i1": 127, "i2": 32767}


@pytest.fixture(params=["fast", "standard"])
def library(request, monkeypatch):
    if request.param == "standard":
        monkeypatch.setattr(gzip_stream, "fast_library", lambda: None)
    elif gzip_stream.fast_library() is None:
        pytest.skip("isal is not installed")
    return request.param


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(TYPES),
    byte_order=st.sampled_from("<>"),
    suffix=st.sampled_from([".nii", ".nii.gz"]),
    shape=st.tuples(*[st.integers(1, 9)] * 3),
    version=st.sampled_from([nib.Nifti1Image, nib.Nifti2Image]),
    seed=st.integers(0, 2**16),
)
def test_equals_nibabel(tmp_path, save, *, kind, byte_order, suffix, shape, version, seed):
    rng = np.random.default_rng(seed)
    array = rng.integers(0, LARGEST.get(kind, 65535), shape, endpoint=True)
    path = save(tmp_path / f"x{suffix}", array.astype(kind), byte_order=byte_order, image=version)
    volume = read_labels(path)
    picture = nib.load(path)
    assert np.array_equal(volume.array, np.asanyarray(picture.dataobj))
    assert volume.array.dtype in (np.uint8, np.uint16)
    assert volume.array.flags.f_contiguous
    assert not volume.array.flags.writeable
    assert volume.grid.shape == shape
    assert np.array_equal(volume.grid.affine, picture.affine)
    assert volume.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert volume.diagnostics == ()


def test_one_byte_where_the_labels_fit(tmp_path, save):
    for largest, dtype in ((255, np.uint8), (256, np.uint16)):
        array = np.full((3, 3, 3), largest, "f8")
        volume = read_labels(save(tmp_path / "x.nii.gz", array))
        assert volume.array.dtype == dtype
        assert set(np.unique(volume.array)) == {largest}


def test_several_gzip_members_are_read_in_full(tmp_path, save, labels, library):
    content = gzip.decompress(save(tmp_path / "x.nii.gz", labels).read_bytes())
    for cut in ([100], [352], [352, 353, 400, 500]):
        parts = [content[a:b] for a, b in zip([0, *cut], [*cut, None], strict=True)]
        path = tmp_path / "members.nii.gz"
        path.write_bytes(b"".join(gzip.compress(part) for part in parts))
        assert np.array_equal(read_labels(path).array, labels)


def test_zeros_behind_the_compressed_data_are_padding(tmp_path, save, labels, library):
    path = save(tmp_path / "x.nii.gz", labels)
    path.write_bytes(path.read_bytes() + bytes(1000))
    volume = read_labels(path)
    assert np.array_equal(volume.array, labels)
    assert volume.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_volume_larger_than_the_working_block(tmp_path, save, library):
    shape = (130, 120, 90)
    array = np.random.default_rng(0).integers(0, 60000, shape).astype(np.float32)
    assert array.nbytes > 3 * gzip_stream.BLOCK_BYTES
    assert np.array_equal(read_labels(save(tmp_path / "x.nii.gz", array)).array, array)


def test_every_cut_is_found(tmp_path, save, labels, codes, library):
    whole = save(tmp_path / "x.nii.gz", labels).read_bytes()
    path = tmp_path / "cut.nii.gz"
    for length in [*range(3, 60), len(whole) // 2, *range(len(whole) - 12, len(whole))]:
        path.write_bytes(whole[:length])
        assert codes(read_labels, path) == ["IO005"], length


def test_every_changed_byte_of_the_data_is_found(tmp_path, save, labels, library):
    whole = save(tmp_path / "x.nii.gz", labels).read_bytes()
    path = tmp_path / "x.nii.gz"
    for place in range(20, len(whole) - 8, 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(DiagnosticError):
            read_labels(path)


def test_voxels_start_where_the_header_says(tmp_path, save, patch, labels):
    """Extensions between header and voxels are skipped."""
    content = save(tmp_path / "x.nii", labels).read_bytes()
    path = tmp_path / "y.nii"
    path.write_bytes(content[:352] + b"\xff" * 3_000_000 + content[352:])
    patch(path, 108, "<f", 352 + 3_000_000)
    assert np.array_equal(read_labels(path).array, labels)


def test_trailing_axes_of_length_one_are_dropped(tmp_path, save, labels):
    path = save(tmp_path / "x.nii.gz", labels[..., None, None])
    assert np.array_equal(read_labels(path).array, labels)


def test_scaled_whole_numbers(tmp_path, save):
    stored = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    path = save(tmp_path / "x.nii", stored, scale=(2.0, 1.0))
    volume = read_labels(path)
    assert np.array_equal(volume.array, stored * 2 + 1)
    assert np.array_equal(volume.array, nib.load(path).get_fdata())
    (told,) = volume.diagnostics
    assert (told.code, told.severity) == ("IO016", "warning")
    assert "(scl_slope 2, scl_inter 1), and other numbers are stored" in told.message


def test_labels_that_a_writer_scaled_without_need(tmp_path, labels):
    """nibabel spreads floats over int16 by itself; the labels come back rounded, with a word."""
    header = nib.Nifti1Header()
    header.set_data_dtype(np.int16)
    path = tmp_path / "x.nii.gz"
    nib.save(nib.Nifti1Image(labels.astype(float), np.eye(4), header), path)
    volume = read_labels(path)
    assert np.array_equal(volume.array, labels)
    assert [d.code for d in volume.diagnostics] == ["IO016"]


@pytest.mark.parametrize(
    ("kind", "largest", "slope"),
    [("u1", 117, 117 / 255), ("i2", 117, 117 / 65535), ("u2", 5000, 5000 / 65535)],
)
def test_rounding_follows_the_step_of_the_file(tmp_path, save, codes, *, kind, largest, slope):
    lowest = np.iinfo(kind).min
    meant = np.arange(largest + 1).reshape(1, 1, -1)
    # What a writer stores that spreads the values over all stored numbers.
    stored = (np.rint(meant / slope) + lowest).astype(kind)
    path = save(tmp_path / "x.nii", stored, scale=(slope, -slope * lowest))
    volume = read_labels(path)
    assert np.array_equal(volume.array, meant)
    assert [d.code for d in volume.diagnostics] == ["IO016"]


@pytest.mark.parametrize(("slope", "stored"), [(0.3, 5), (0.01, 194), (0.001, 1996), (0.75, 2)])
def test_more_than_half_a_step_is_a_fraction(tmp_path, save, codes, slope, stored):
    array = np.full((2, 2, 2), stored, np.int16)
    assert codes(read_labels, save(tmp_path / "x.nii", array, scale=(slope, 0.0))) == [
        "IO016",
        "IO020",
    ]


def test_scaled_fractions_are_refused(tmp_path, save, codes):
    stored = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    assert codes(read_labels, save(tmp_path / "x.nii", stored, scale=(0.25, 0.0))) == [
        "IO016",
        "IO020",
    ]


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_floats_that_are_nearly_whole_are_rounded_with_a_word(tmp_path, save, labels, kind):
    array = labels.astype(kind)
    array[array == 3] = np.nextafter(np.array(3, kind), np.array(4, kind))
    array[array == 0] = -0.0005
    assert (array != labels).any()
    volume = read_labels(save(tmp_path / "x.nii.gz", array))
    assert np.array_equal(volume.array, labels)
    (told,) = volume.diagnostics
    assert (told.code, told.severity) == ("IO016", "warning")
    count = int((array != labels).sum())
    assert told.message == (
        f"the file stores fractions: {count:,} voxels had to be rounded to whole numbers"
    )


def test_a_float_that_is_not_nearly_whole_is_shown_as_it_is(tmp_path, save, labels):
    array = labels.astype("f8")
    array[1, 2, 3] = 65000.006
    with pytest.raises(DiagnosticError, match=r"first is 65000\.006 at voxel \(1, 2, 3\)"):
        read_labels(save(tmp_path / "x.nii", array))


@pytest.mark.parametrize("kind", ["i1", "i2", "i4", "i8", "f4", "f8"])
def test_negative_labels_are_counted(tmp_path, save, kind):
    array = np.zeros((4, 5, 6), kind)
    array[0, 0, :3] = -1
    array[3, 4, 5] = -7
    with pytest.raises(DiagnosticError) as raised:
        read_labels(save(tmp_path / "x.nii.gz", array))
    (problem,) = raised.value.diagnostics
    assert problem.code == "IO022"
    assert problem.message == "negative labels: -1 (3 voxels), -7 (1 voxel)"


def test_all_kinds_of_wrong_values_at_once(tmp_path, save):
    array = np.zeros((4, 5, 6))
    array[1, 2, 3], array[3, 4, 5], array[0, 0, 5] = 0.5, np.nan, -np.inf
    array[2, 0, 0], array[3, 0, 0] = -2, 65536
    with pytest.raises(DiagnosticError) as raised:
        read_labels(save(tmp_path / "x.nii.gz", array))
    assert {d.code: d.message for d in raised.value.diagnostics} == {
        "IO021": "2 voxels hold NaN or infinity; the first is -inf at voxel (0, 0, 5)",
        "IO020": "1 voxel holds fractions, not whole numbers; the first is 0.5 at voxel (1, 2, 3)",
        "IO022": "negative labels: -2 (1 voxel)",
        "IO023": "1 voxel holds labels above 65535; the first is 65536 at voxel (3, 0, 0)",
    }


@pytest.mark.parametrize("kind", ["u4", "i4", "i8", "u8", "f4", "f8"])
def test_largest_label(tmp_path, save, codes, kind):
    array = np.full((2, 2, 2), 65535, kind)
    assert int(read_labels(save(tmp_path / "x.nii", array)).array.min()) == 65535
    array[1, 1, 1] = 65536 + 256
    assert codes(read_labels, save(tmp_path / "x.nii", array)) == ["IO023"]


def test_the_position_of_a_fraction_in_a_later_block(tmp_path, save):
    array = np.zeros((130, 120, 90), np.float32)
    array[77, 3, 88] = 2.5
    with pytest.raises(DiagnosticError, match=r"first is 2.5 at voxel \(77, 3, 88\)"):
        read_labels(save(tmp_path / "x.nii.gz", array))


def test_position_forms_are_chosen_as_nibabel_does(tmp_path, labels):
    sform, qform = np.diag([2.0, 3, 4, 1]), np.diag([-1.0, -1, 1, 1])
    for s_code, q_code, expected in (
        (2, 0, ["IO017"]),  # pixdim is that of the other form
        (0, 1, []),
        (1, 1, ["IO013"]),
        (0, 0, ["IO014"]),
    ):
        picture = nib.Nifti1Image(labels, sform)
        picture.set_sform(sform, s_code)
        picture.set_qform(qform, q_code)
        path = tmp_path / "x.nii.gz"
        nib.save(picture, path)
        header = read_header(path)
        assert np.array_equal(header.grid.affine, nib.load(path).affine)
        assert [d.code for d in header.diagnostics] == expected


def test_rounding_of_a_qform_is_no_disagreement(tmp_path, labels, affine):
    picture = nib.Nifti1Image(labels, affine)
    picture.set_sform(affine, 1)
    picture.set_qform(affine, 1)
    nib.save(picture, tmp_path / "x.nii.gz")
    assert read_header(tmp_path / "x.nii.gz").diagnostics == ()


def test_grid_needs_no_voxels(tmp_path, save, labels, affine):
    path = save(tmp_path / "x.nii", labels)
    path.write_bytes(path.read_bytes()[:360])
    grid = read_grid(path)
    assert grid.shape == labels.shape
    assert np.allclose(grid.affine, affine)


@settings(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.integers(0, 351), st.binary(min_size=1, max_size=12)), max_size=4),
    st.sampled_from([nib.Nifti1Image, nib.Nifti2Image]),
)
def test_no_header_is_bad_enough_for_a_traceback(tmp_path, save, edits, version):
    path = save(tmp_path / "x.nii", np.ones((2, 3, 4), np.uint8), image=version)
    content = bytearray(path.read_bytes())
    for place, data in edits:
        content[place : place + len(data)] = data
    path.write_bytes(content)
    # A wrong header may also be a valid other one.
    with contextlib.suppress(DiagnosticError):
        assert read_labels(path).array.ndim == 3


def test_a_promise_too_large_for_the_file_allocates_nothing(tmp_path, save, patch, codes):
    path = patch(save(tmp_path / "x.nii.gz", np.ones((4, 4, 4), "u1")), 42, "<3h", *[32000] * 3)
    assert codes(read_labels, path) == ["IO007"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("vox_offset", np.inf, "IO017"),
        ("vox_offset", np.nan, "IO017"),
        ("dim", [8, 2, 2, 2, 1, 1, 1, 1], "IO011"),
        ("dim", [16, 2, 2, 2, 1, 1, 1, 1], "IO011"),
    ],
)
def test_a_header_that_no_other_program_reads_is_refused(tmp_path, field, value, code):
    image = nib.Nifti1Image(np.ones((2, 2, 2), np.uint8), np.eye(4))
    header = image.header.copy()
    header[field] = value
    (tmp_path / "a.nii").write_bytes(header.binaryblock + bytes(4) + bytes([1] * 8))
    with pytest.raises(DiagnosticError) as failed:
        read_labels(tmp_path / "a.nii")
    assert code in {d.code for d in failed.value.diagnostics}
