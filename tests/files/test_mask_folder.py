"""Folders with one mask per class."""

import io
import itertools
from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vesalius.adapters.files.io_diagnostics import plural, problem
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.masks_alike import said_once
from vesalius.ontology.reading.diagnostics import DiagnosticError

SHAPE = (4, 5, 6)


@pytest.fixture
def write(tmp_path, save):
    def write(masks, suffix=".nii.gz"):
        folder = tmp_path / "masks"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, mask in masks.items():
            save(folder / f"{name}{suffix}", np.asarray(mask))
        return folder

    return write


def split(labels, scheme):
    return {e.name: (labels == e.integer).astype(np.uint8) for e in scheme.entries}


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8"])
@pytest.mark.parametrize("on", [1, 255])
@pytest.mark.parametrize("suffix", [".nii.gz", ".nii"])
def test_splitting_and_reading_gives_the_labels_back(write, scheme, affine, *, dtype, on, suffix):
    labels = np.random.default_rng(0).choice([0, 1, 2, 7], SHAPE)
    masks = {name: (mask * on).astype(dtype) for name, mask in split(labels, scheme).items()}
    result = read_mask_folder(write(masks, suffix), scheme)
    assert np.array_equal(result.array, labels)
    assert result.array.dtype == np.uint8
    assert result.array.flags.f_contiguous
    assert not result.array.flags.writeable
    assert np.allclose(result.grid.affine, affine)
    assert result.diagnostics == ()


def test_classes_without_a_file(write, scheme):
    result = read_mask_folder(write({"pear": np.ones(SHAPE, np.uint8)}), scheme)
    assert set(np.unique(result.array)) == {2}


def test_large_integers(write, make_scheme):
    scheme = make_scheme({300: "apple", 65535: "pear"})
    labels = np.random.default_rng(0).choice([0, 300, 65535], SHAPE)
    result = read_mask_folder(write(split(labels, scheme)), scheme)
    assert result.array.dtype == np.uint16
    assert np.array_equal(result.array, labels)


def test_other_file_names(tmp_path, write, make_scheme):
    scheme = make_scheme({1: "apple", 2: "pear"}, folder="class_{integer}_{name}.nii.gz")
    folder = write({"class_1_apple": np.ones(SHAPE, np.uint8)})
    assert set(np.unique(read_mask_folder(folder, scheme).array)) == {1}


def test_only_masks_are_looked_at(write, scheme):
    folder = write({"apple": np.ones(SHAPE, np.uint8)})
    for name in ("statistics.json", "._apple.nii.gz", ".DS_Store"):
        (folder / name).write_bytes(b"?")
    (folder / "deeper.nii.gz").mkdir()
    assert set(np.unique(read_mask_folder(folder, scheme).array)) == {1}


def test_the_header_is_that_of_a_mask(write, scheme):
    folder = write({"apple": np.ones((2, 2, 2), np.uint8), "pear": np.zeros((2, 2, 2), np.uint8)})
    # What the Finder of macOS leaves on other file systems; it sorts before all masks.
    (folder / "._apple.nii.gz").write_bytes(b"no NIfTI")
    volume = read_mask_folder(folder, scheme)
    names = {entry.name: entry.integer for entry in scheme.entries}
    first = min(("apple", "pear"), key=names.__getitem__)
    assert volume.header_path == str(folder / f"{first}.nii.gz")


def test_digest_depends_on_every_mask(write, scheme):
    one, two = np.zeros(SHAPE, np.uint8), np.ones(SHAPE, np.uint8)
    digests = {
        read_mask_folder(write({"apple": a, "pear": b}), scheme).digest
        for a, b in itertools.product((one, two), repeat=2)
    }
    assert len(digests) == 4


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 9999), share=st.floats(0.05, 0.9))
def test_overlaps_go_to_the_smaller_class(write, scheme, seed, share):
    rng = np.random.default_rng(seed)
    masks = {
        e.name: (rng.random(SHAPE) < share * rng.random()).astype(np.uint8) for e in scheme.entries
    }
    result = read_mask_folder(write(masks), scheme)
    expected = np.zeros(SHAPE, int)
    order = sorted(scheme.entries, key=lambda e: (-int(masks[e.name].sum()), -e.integer))
    for entry in order:
        expected[masks[entry.name] == 1] = entry.integer
    assert np.array_equal(result.array, expected)
    claims = sum(int(mask.sum()) for mask in masks.values())
    twice = claims - int(np.count_nonzero(expected))
    said = [told.message.partition(";")[0] for told in result.diagnostics]
    assert said == ([f"masks overlap in {plural(twice, 'voxel')}"] if twice else [])


def test_overlaps_are_counted_by_pair(write, scheme):
    masks = {name: np.zeros((1, 1, 9), np.uint8) for name in ("apple", "pear", "quince")}
    masks["apple"][..., :6], masks["pear"][..., 4:8], masks["quince"][..., 7:] = 1, 1, 1
    result = read_mask_folder(write(masks), scheme)
    assert result.array.ravel().tolist() == [1, 1, 1, 1, 2, 2, 2, 7, 7]
    (note,) = result.diagnostics
    assert note.message.endswith("is kept: pear over apple 2, quince over pear 1")
    assert (note.code, note.severity) == ("IO034", "info")


def test_every_bad_file_is_named(write, scheme, codes):
    folder = write({name: np.ones(SHAPE, np.uint8) for name in ("apple", "pear", "plum")})
    (folder / "apple.nii.gz").write_bytes(b"")
    (folder / "plum.nii.gz").write_bytes(b"hello")
    assert codes(read_mask_folder, folder, scheme) == ["IO003", "IO003"]


def test_a_damaged_mask_is_not_an_empty_one(write, scheme, codes):
    folder = write(
        {
            name: np.random.default_rng(0).integers(0, 2, (20, 20, 20)).astype(np.uint8)
            for name in ("apple", "pear")
        }
    )
    content = (folder / "pear.nii.gz").read_bytes()
    (folder / "pear.nii.gz").write_bytes(content[:-9])
    assert codes(read_mask_folder, folder, scheme) == ["IO005"]


def test_headers_are_judged_before_grids_and_grids_before_voxels(write, save, scheme, codes, patch):
    inside = np.ones(SHAPE, np.uint8)
    folder = write({"apple": inside * 9, "pear": inside, "plum": inside})
    assert codes(read_mask_folder, folder, scheme) == ["IO033"]
    save(folder / "plum.nii.gz", inside, np.eye(4))
    assert codes(read_mask_folder, folder, scheme) == ["IO032"]
    for name in ("apple", "pear"):
        patch(folder / f"{name}.nii.gz", 344, "4s", b"xyz\0")
    (folder / "quince.nii.gz").write_bytes(b"")
    with pytest.raises(DiagnosticError) as raised:
        read_mask_folder(folder, scheme)
    found = [(d.code, d.path) for d in raised.value.diagnostics]
    # By the names of the files, and not by the integers of their classes.
    renamed = make_reversed(scheme)
    assert found == [("IO003", str(folder / f"{n}.nii.gz")) for n in ("apple", "pear", "quince")]
    with pytest.raises(DiagnosticError) as raised:
        read_mask_folder(folder, renamed)
    assert [(d.code, d.path) for d in raised.value.diagnostics] == found


def make_reversed(scheme):
    """The same names with integers that descend."""
    entries = zip(scheme.entries, reversed(scheme.entries), strict=True)
    return replace(scheme, entries=tuple(replace(one, name=two.name) for one, two in entries))


def test_each_mask_is_opened_once(write, scheme, monkeypatch):
    folder = write({"apple": np.ones(SHAPE, np.uint8), "pear": np.zeros(SHAPE, np.uint8)})
    opened = []
    file_io = io.FileIO

    def count(path, mode, **how):
        opened.append(str(path))
        return file_io(path, mode, **how)

    monkeypatch.setattr("io.FileIO", count)
    read_mask_folder(folder, scheme)
    assert opened == [str(folder / "apple.nii.gz"), str(folder / "pear.nii.gz")]


def test_what_is_true_of_many_masks_is_said_once(tmp_path, scheme):
    """A case of TotalSegmentator has 117 of them."""
    for name, size in (("apple", 1), ("pear", 2), ("plum", 3)):
        mask = np.zeros(SHAPE, np.uint8)
        mask[size, 0, :size] = 1
        image = nib.Nifti1Image(mask, None)
        nib.save(image, tmp_path / f"{name}.nii.gz")
    (told,) = read_mask_folder(tmp_path, scheme).diagnostics
    assert (told.code, told.path) == ("IO014", str(tmp_path / "apple.nii.gz"))
    assert told.message.endswith("(so too in `pear.nii.gz`, `plum.nii.gz`)")


def test_many_errors_of_one_kind_are_one_and_few_are_told_apart():
    one = problem("IO005", "m/a.nii.gz", "it has 3 voxels", "get it again")
    alike = [replace(one, path=f"m/{n}.nii.gz", message=f"it has {n} voxels") for n in range(6)]
    assert said_once([*alike[:5], replace(one, message="of another kind")])[:5] == alike[:5]
    (told,) = said_once(alike)
    assert told.message == "it has 0 voxels (so too in " + (
        "`1.nii.gz`, `2.nii.gz`, `3.nii.gz`, `4.nii.gz`, `5.nii.gz`)"
    )


def test_a_mask_of_the_background_is_called_so(write, scheme):
    inside = np.ones(SHAPE, np.uint8)
    with pytest.raises(DiagnosticError) as raised:
        read_mask_folder(write({"apple": inside, "Background": inside}), scheme)
    (found,) = raised.value.diagnostics
    assert found.help == "`Background` is no class: move it out of the folder"
