"""Images of nibabel and arrays, read as the file would be that holds them."""

import hashlib

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.files.embedded_names import check_names, names_inside
from vesalius.adapters.files.given import GivenArray, GivenImage, given_name
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.nifti_header import read_header
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError

SHAPE = (5, 6, 70)  # more planes than are brought into order at once


@pytest.fixture(scope="session")
def whole():
    return np.random.default_rng(3).integers(0, 200, SHAPE)


@pytest.fixture(scope="session")
def place():
    """An oblique affine that float32 holds exactly."""
    return np.array([[-0.75, 2, 0, 12.5], [1, 1.5, 0, -40.25], [0, 0, 2.5, 100], [0, 0, 0, 1]])


def array_of(array, affine):
    return GivenArray(array, affine, "the array")


def image_of(array, affine, kind=nib.Nifti1Image):
    return GivenImage(kind(array, affine, dtype=array.dtype), "the image")


def same(volume, array, affine, dtype="u1", said=()):
    assert [each.code for each in volume.diagnostics] == [*said]
    assert np.array_equal(volume.array, array)
    assert volume.array.dtype == dtype
    assert volume.array.flags.f_contiguous
    assert not volume.array.flags.writeable
    assert np.array_equal(volume.grid.affine, affine)


def kept(kind):
    """Two bytes stay two bytes; what is wider becomes one where the labels fit."""
    return "u2" if np.dtype(kind).itemsize == 2 else "u1"


def first_fault(given):
    with pytest.raises(DiagnosticError) as raised:
        read_labels(given)
    (found,) = raised.value.diagnostics
    return found


@pytest.mark.parametrize("kind", ["u1", "i2", "u2", ">i2", "i4", "i8", "u8", "f4", ">f8"])
@pytest.mark.parametrize("order", "CF")
def test_an_array_of_any_type_and_order(whole, place, kind, order):
    array = np.array(whole, kind, order=order)
    array.setflags(write=False)
    same(read_labels(array_of(array, place)), whole, place, kept(kind))


@pytest.mark.parametrize("kind", ["u1", "i2", ">i2", "f4", "f8"])
@pytest.mark.parametrize("image", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_path_image_and_array_are_the_same(tmp_path, save, whole, place, *, kind, image, suffix):
    array = whole.astype(kind)
    path = save(tmp_path / f"seg{suffix}", array, place, image=image)
    for given in (
        path,
        GivenImage(nib.load(path), "the image"),
        image_of(array, place, image),
        array_of(array, place),
    ):
        same(read_labels(given), whole, place, kept(kind))


@pytest.mark.parametrize(
    "look",
    [
        lambda a: a[::-1, :, ::2],
        lambda a: a.transpose(2, 0, 1),
        lambda a: a[..., None, None],
        lambda a: a[::-1, :1, :1],
        lambda a: a.tolist(),
    ],
)
def test_views_and_lists(whole, place, look):
    array = np.asarray(look(whole))
    same(read_labels(array_of(look(whole), place)), array.reshape(array.shape[:3]), place)


def test_true_and_false_are_one_and_zero(whole, place):
    same(read_labels(array_of(whole > 100, place)), whole > 100, place)


@pytest.mark.parametrize("axes", ["RAS", "LPS", "PIR"])
def test_an_image_that_was_turned(whole, place, axes):
    image = nib.Nifti1Image(whole.astype(np.uint8), place)
    turn = nib.orientations.ornt_transform(
        nib.io_orientation(place), nib.orientations.axcodes2ornt(axes)
    )
    turned = image.as_reoriented(turn)
    volume = read_labels(GivenImage(turned, "the image"))
    same(volume, np.asarray(turned.dataobj), turned.affine)
    assert np.array_equal(volume.header.get_best_affine(), turned.affine)


def test_an_affine_that_was_set_after_reading(tmp_path, save, whole, place):
    image = nib.load(save(tmp_path / "a.nii.gz", whole.astype(np.uint8), place))
    moved = nib.Nifti1Image(np.asarray(image.dataobj), np.diag([2.0, 2, 3, 1]), image.header)
    moved.header.set_sform(place, code=2)
    header = read_header(GivenImage(moved, "the image"))
    assert np.array_equal(header.grid.affine, np.diag([2.0, 2, 3, 1]))
    assert header.nifti.get_zooms()[:3] == (2, 2, 3)
    assert np.array_equal(moved.header.get_sform(), place)


def test_scaled_labels_are_read_as_those_of_the_file(tmp_path, save, whole, place):
    path = save(tmp_path / "a.nii.gz", (2 * whole).astype(np.int16), place, scale=(0.5, 0.0))
    same(read_labels(path), whole, place, said=["IO016"])
    same(read_labels(GivenImage(nib.load(path), "x")), whole, place, said=["IO016"])


def test_an_image_of_another_format_has_no_header_to_take_over(whole, place):
    image = nib.MGHImage(whole.astype(np.uint8), place)
    volume = read_labels(GivenImage(image, "the image"))
    assert np.array_equal(volume.array, whole)
    assert np.allclose(volume.grid.affine, place, atol=1e-4)
    assert volume.header is None


def test_nothing_given_is_changed(read_image, whole, place):
    array, affine = whole.astype(">i2"), place.copy()
    image = nib.Nifti1Image(array, affine)
    before = image.header.binaryblock
    for given in (array_of(array, affine), GivenImage(image, "x")):
        read_labels(given)
        voxels = read_image(given)
        assert not np.shares_memory(voxels.stored, array)
    assert np.array_equal(array, whole)
    assert array.flags.writeable
    assert affine.flags.writeable
    assert image.header.binaryblock == before


def test_the_digest_is_of_shape_type_place_and_voxels(read_image, check_image, whole, place):
    array = whole.astype(np.int16)
    digest = read_labels(array_of(array, place)).digest
    text = f"(5, 6, 70) <i2 (1.0, 0.0) {place.tolist()}\n".encode()
    assert digest == hashlib.sha256(text + array.tobytes(order="F")).hexdigest()
    for equal in (
        array_of(np.asfortranarray(array), place),
        array_of(array.astype(">i2"), place),
        GivenArray(array, place.tolist(), "of another name"),
        image_of(array, place),
    ):
        assert read_labels(equal).digest == digest
        assert check_image(equal) == read_image(equal).digest == digest
    other = array.copy()
    other[4, 5, 69] ^= 1
    for different in (
        array_of(other, place),
        array_of(array.astype(np.int32), place),
        array_of(array, place + np.eye(4, k=3)),
        array_of(array.reshape(6, 5, 70), place),
    ):
        assert read_labels(different).digest != digest


def test_values_of_an_image(tmp_path, save, read_image, whole, place):
    stored = (whole - 100).astype(np.int16)
    path = save(tmp_path / "ct.nii.gz", stored, place, scale=(2.0, -24.0))
    for given in (path, GivenImage(nib.load(path), "the image")):
        voxels = read_image(given)
        assert np.array_equal(voxels.stored, stored)
        assert (voxels.slope, voxels.inter) == (2.0, -24.0)
    voxels = read_image(array_of(stored * 2.0 - 24, place))
    assert np.array_equal(voxels.values(), stored * 2.0 - 24)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda a: a / 2, "IO020", "fractions, not whole numbers; the first is"),
        (lambda a: np.where(a == 7, np.nan, a), "IO021", "NaN or infinity"),
        (lambda a: a - 1, "IO022", "negative labels: -1"),
        (lambda a: a + 65500, "IO023", "labels above 65535"),
        (lambda a: a[..., None] * [1, 1], "IO011", "is 4-dimensional (5 x 6 x 70 x 2)"),
        (lambda a: a[0], "IO011", "has 2 axes (6 x 70); a volume has three"),
        (lambda a: a[:0], "IO011", "an axis of the volume is empty (0 x 6 x 70)"),
        (lambda a: a * 1j, "IO010", "voxels hold complex numbers"),
    ],
)
def test_voxels_that_are_no_labels(whole, place, change, code, words):
    for make in (array_of, image_of):
        array = change(whole)
        if make is image_of and not array.size:
            continue
        found = first_fault(make(array.astype(array.dtype.char.replace("l", "i")), place))
        assert (found.code, found.severity) == (code, "error")
        assert words in found.message
        assert found.path == ("the array" if make is array_of else "the image")


def test_the_message_of_a_file_and_of_an_array(tmp_path, save, whole, place):
    path = save(tmp_path / "a.nii.gz", whole / 2, place)
    assert first_fault(path).message == first_fault(array_of(whole / 2, place)).message


@pytest.mark.parametrize("array", [np.full(SHAPE, "a"), np.full(SHAPE, None), [[1], [1, 2]]])
def test_what_is_no_array_of_numbers(array, place):
    assert first_fault(array_of(array, place)).code == "IO010"


@pytest.mark.parametrize(
    ("affine", "words"),
    [
        (np.full((4, 4), np.nan), "the affine of this array has numbers that are not finite"),
        (np.zeros((4, 4)), "the affine of this array has no volume"),
        (np.eye(3), "the affine given is not 4 x 4 numbers"),
        ("here", "the affine given is not 4 x 4 numbers"),
        (None, "the affine given is not 4 x 4 numbers"),
    ],
)
def test_affines_without_a_place(whole, affine, words):
    found = first_fault(array_of(whole, affine))
    assert found.code == "IO012"
    assert found.message == f"{words}: voxels have no place in the patient"


def test_an_image_without_an_affine_is_a_guess(whole):
    volume = read_labels(GivenImage(nib.Nifti1Image(whole.astype(np.uint8), None), "the image"))
    assert [d.code for d in volume.diagnostics] == ["IO014"]


def test_an_image_with_a_bad_affine(whole, place):
    affine = place.copy()
    affine[0, 3] = np.nan
    with np.errstate(all="ignore"):
        image = nib.Nifti1Image(whole.astype(np.uint8), place)
        image._affine = affine
    found = first_fault(GivenImage(image, "the image"))
    assert found.code == "IO012"
    assert found.message.startswith("the affine of this image has numbers that are not finite")


def test_an_image_whose_file_is_gone(tmp_path, save, whole, place):
    path = save(tmp_path / "a.nii.gz", whole.astype(np.uint8), place)
    image = nib.load(path)
    path.unlink()
    assert first_fault(GivenImage(image, "the image")).code == "IO002"


@pytest.mark.parametrize("order", "<>")
def test_names_in_an_image(whole, place, order):
    image = nib.Nifti1Image(whole.astype(np.uint8), place, nib.Nifti1Header(endianness=order))
    table = b'<Table><Label Key="1">spleen</Label><Label Key="2">liver</Label></Table>'
    for block in (b"something else", table):
        image.header.extensions.append(nib.nifti1.Nifti1Extension(0, block))
    given = GivenImage(image, "the image")
    volume = read_labels(given)
    assert names_inside(volume) == {1: "spleen", 2: "liver"}
    same(volume, whole, place)
    (remark,) = check_names(volume, load_scheme("amos22", load_ontology()))
    assert remark.path == "the image"
    assert remark.message.startswith("the image names its own classes, and 1 of 2 are not what")
    amos = load_scheme("amos22", load_ontology())
    assert check_names(read_labels(array_of(whole, place)), amos) == []


def test_names_for_messages(tmp_path, whole, place):
    assert given_name(tmp_path / "a.nii") == str(tmp_path / "a.nii")
    assert given_name(array_of(whole, place)) == "the array"
