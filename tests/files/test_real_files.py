"""Real cases: every listed file is read as nibabel reads it."""

import nibabel as nib
import numpy as np
import pytest
import yaml

from vesalius.adapters.files.align import align
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.mask_names import mask_files
from vesalius.adapters.files.nifti_header import read_grid
from vesalius.engine.runs.grid import Grid

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
        flat = volume.array.ravel("K")
        assert np.unique(flat[flat > 0]).tolist() == entry["ids"]
        assert all(d.severity != "error" for d in volume.diagnostics)
        checked += 1
    assert checked > 20


def test_every_image_of_the_index(data_root, entries, read_image):
    for entry in entries:
        if "range" in entry:
            voxels = read_image(data_root / entry["file"])
            values = voxels.values()
            assert [float(values.min()), float(values.max())] == entry["range"]
            expected = nib.load(data_root / entry["file"]).get_fdata()
            assert np.array_equal(values, expected)


def test_dicom_conversions_that_face_other_ways(data_root):
    folder = data_root / "ts_dicom_slab20"
    volume = read_labels(folder / "seg_v2.nii.gz")
    result = align(volume, read_grid(folder / "ct_from_dicom.nii.gz"))
    assert result.how == "reoriented"
    # LAS against LPS: the second axis runs the other way, and no voxel changes.
    assert np.array_equal(result.array, volume.array[:, ::-1])


def test_a_mask_on_the_uncropped_grid(data_root):
    folder = data_root / "ts_pulmonary_lps_1p5mm"
    volume = read_labels(folder / "heart.nii.gz")
    target = read_grid(folder / "ct_cropped.nii.gz")
    result = align(volume, target)
    assert result.how == "shifted"
    index = np.rint(volume.grid.to_ijk(target.to_mm((0, 0, 0)))).astype(int)
    part = tuple(slice(a, a + n) for a, n in zip(index, target.shape, strict=True))
    assert np.array_equal(result.array, volume.array[part])
    cut = np.count_nonzero(volume.array) - np.count_nonzero(volume.array[part])
    outside = f"; {cut:,} labelled voxels outside it are left out" if cut else ""
    assert result.diagnostics[0].message == f"the labels cover all of the image{outside}"


def test_a_header_with_another_slice_distance_is_refused(data_root, codes):
    """The masks' header says 1.6 mm between slices where the DICOM says 0.8."""
    folder = data_root / "gstt_chest_slab20"
    volume = read_labels(folder / "derived_multilabel_v1.nii.gz")
    assert codes(align, volume, read_grid(folder / "ct_from_dicom.nii.gz")) == ["IO040"]


def test_an_oblique_whole_body_on_a_straight_coarse_grid(data_root, codes):
    volume = read_labels(data_root / "totalseg_s0327/gt_v2.nii.gz")
    middle = volume.grid.to_mm((np.array(volume.grid.shape) - 1) / 2)
    affine = np.diag([-4.0, 4.0, 5.0, 1.0])
    affine[:3, 3] = middle - [-240, 180, 350] + 0.123
    target = Grid((121, 91, 141), affine)
    assert codes(align, volume, target) == ["IO040"]
    result = align(volume, target, resample=True)
    index = volume.grid.to_ijk(target.to_mm(np.moveaxis(np.indices(target.shape), 0, -1)))
    nearest = np.rint(index).astype(int)
    inside = np.all((nearest >= 0) & (nearest < volume.grid.shape), axis=-1)
    expected = np.zeros(target.shape, np.uint8)
    expected[inside] = volume.array[tuple(nearest[inside].T)]
    # Right at the faces the two may choose differently; see the tests of ties.
    clear = np.all(np.abs(index % 1 - 0.5) > 0.002, axis=-1)
    assert np.array_equal(result.array[clear], expected[clear])
    assert np.count_nonzero(clear) > 0.95 * target.size
    lost = set(np.unique(volume.array)) - set(np.unique(result.array))
    assert f" and cover {inside.mean():.1%} of it" in result.diagnostics[0].message
    assert ("nothing is left of" in result.diagnostics[0].message) == bool(lost)


def test_a_slab_of_a_scan_on_the_whole_scan(data_root):
    slab = read_labels(data_root / "ts_example_ct_slab30/seg_v2.nii.gz")
    target = read_grid(data_root / "ts_example_ct_3mm/ct.nii.gz")
    result = align(slab, target)
    assert result.how == "shifted"
    assert result.diagnostics[0].message == "the labels cover 26.8% of the image"
    part = tuple(slice(a, b) for a, b in zip(result.lo, result.hi, strict=True))
    assert np.array_equal(result.array[part], slab.array)
    assert np.count_nonzero(result.array) == np.count_nonzero(slab.array)


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
        masks[integer] = np.asanyarray(picture.dataobj) == 1
        sizes[integer] = int(masks[integer].sum())
    for integer in sorted(masks, key=lambda i: (-sizes[i], -i)):
        expected[masks[integer]] = integer
    assert np.array_equal(result.array, expected)
    assert sum(size == 0 for size in sizes.values()) == 70
