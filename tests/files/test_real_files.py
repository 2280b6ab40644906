"""Real cases: every listed file is read as nibabel reads it."""

import nibabel as nib
import numpy as np
import pytest
import yaml

from vesalius.adapters.files.align import align
from vesalius.adapters.files.mask_folder import mask_files, read_mask_folder
from vesalius.adapters.files.nifti_header import read_grid
from vesalius.adapters.files.nifti_read import read_image, read_labels

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def entries(data_root):
    cases = yaml.safe_load((data_root / "index.yaml").read_text())
    return [entry for case in cases for entry in case["files"]]


def test_every_label_file_of_the_index(data_root, entries):
    checked = 0
    for entry in entries:
        if "ids" not in entry:
            continue
        volume = read_labels(data_root / entry["file"])
        picture = nib.load(data_root / entry["file"])
        assert list(volume.grid.shape) == entry["shape"]
        assert np.array_equal(volume.grid.affine, picture.affine)
        assert np.array_equal(volume.array, np.asanyarray(picture.dataobj))
        present = [i for i in np.flatnonzero(np.bincount(volume.array.ravel("K"))) if i]
        assert present == entry["ids"]
        assert all(d.severity != "error" for d in volume.diagnostics)
        checked += 1
    assert checked > 20


def test_every_image_of_the_index(data_root, entries):
    for entry in entries:
        if "range" in entry:
            voxels = read_image(data_root / entry["file"]).load()
            values = voxels.values()
            assert [float(values.min()), float(values.max())] == entry["range"]
            expected = nib.load(data_root / entry["file"]).get_fdata()
            assert np.array_equal(values, expected)


def test_dicom_conversions_that_face_other_ways(data_root):
    folder = data_root / "ts_dicom_slab20"
    volume = read_labels(folder / "seg_v2.nii.gz")
    result = align(volume, read_grid(folder / "ct_from_dicom.nii.gz"))
    assert result.how == "reoriented"
    assert result.offset_mm < 0.01
    # LAS against LPS: the second axis runs the other way, and no voxel changes.
    assert np.array_equal(result.array, volume.array[:, ::-1])


def test_a_mask_on_the_uncropped_grid(data_root):
    folder = data_root / "ts_pulmonary_lps_1p5mm"
    volume = read_labels(folder / "heart.nii.gz")
    target = read_grid(folder / "ct_cropped.nii.gz")
    result = align(volume, target)
    assert result.how == "shifted"
    assert result.coverage == 1.0
    index = np.rint(volume.grid.to_ijk(target.to_mm((0, 0, 0)))).astype(int)
    part = tuple(slice(a, a + n) for a, n in zip(index, target.shape, strict=True))
    assert np.array_equal(result.array, volume.array[part])
    assert result.cut_voxels == np.count_nonzero(volume.array) - np.count_nonzero(
        volume.array[part]
    )


def test_a_header_with_another_slice_distance_is_refused(data_root, codes):
    """The masks' header says 1.6 mm between slices where the DICOM says 0.8."""
    folder = data_root / "gstt_chest_slab20"
    volume = read_labels(folder / "derived_multilabel_v1.nii.gz")
    assert codes(align, volume, read_grid(folder / "ct_from_dicom.nii.gz")) == ["IO040"]


def test_a_native_grid_is_resampled_only_when_allowed(data_root, codes):
    folder = data_root / "verse"
    native = read_labels(folder / "official_sub-verse004_seg-vert_msk_native.nii.gz")
    target = read_grid(folder / "sub-verse004_seg-vert_msk.nii.gz")
    try:
        result = align(native, target, resample=True)
    except Exception:  # noqa: BLE001
        pytest.fail("resampling failed")
    assert result.array.shape == target.shape


def test_the_folder_of_104_masks_equals_the_merged_file(data_root, make_scheme):
    folder = data_root / "gstt_chest_slab20"
    stems = [file.name.removesuffix(".nii.gz") for file in mask_files(folder / "masks_v1")]
    assert len(stems) == 104
    scheme = make_scheme(dict(enumerate(stems, start=1)))
    result = read_mask_folder(folder / "masks_v1", scheme)
    expected = np.zeros(result.array.shape, int)
    sizes = {}
    masks = {}
    for integer, stem in enumerate(stems, start=1):
        picture = nib.load(folder / "masks_v1" / f"{stem}.nii.gz")
        masks[integer] = np.asanyarray(picture.dataobj) > 0
        sizes[integer] = int(masks[integer].sum())
    for integer in sorted(masks, key=lambda i: (-sizes[i], -i)):
        expected[masks[integer]] = integer
    assert np.array_equal(result.array, expected)
    assert result.voxels == sizes
    assert sum(size == 0 for size in sizes.values()) == 70
