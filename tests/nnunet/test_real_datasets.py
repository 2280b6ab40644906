"""What is exported, as the real nnU-Net reads it: regions, and which axis goes across."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vesalius.adapters.nnunet.export import ExportJob, export_dataset
from vesalius.adapters.nnunet.installation import is_installed

pytestmark = [
    pytest.mark.skipif(not is_installed(), reason="nnU-Net is not installed"),
    # nnU-Net, torch and their dependencies warn of their own matters.
    pytest.mark.filterwarnings("ignore"),
]


def test_regions_are_what_nnunet_makes_of_them(work, tmp_path, save, write_scheme, ontology):
    """Its own check, its regions in a mirrored patient, and its order of painting."""
    import torch
    from batchgeneratorsv2.transforms.utils.seg_to_regions import (
        ConvertSegmentationToRegionsTransform,
    )
    from nnunetv2.experiment_planning.verify_dataset_integrity import verify_dataset_integrity
    from nnunetv2.utilities.label_handling.label_handling import LabelManager

    from vesalius.adapters.nnunet.mirror_rule import mirror_rule
    from vesalius.adapters.nnunet.trainers.swap_transform import MirrorSwapTransform

    text = (
        "schema: scheme/1\nscheme: nested\ntitle: Nested\nlabels:\n"
        "  2: lung_upper_lobe_left\n  3: lung_left\n  5: lung_right\n  6: lung_upper_lobe_right\n"
    )
    scheme = write_scheme(tmp_path, text)
    array = np.array([0, 2, 3, 5, 6])[np.arange(60) % 5].astype(np.uint8).reshape(5, 4, 3)
    save(tmp_path / "ct/a_0000.nii.gz", array.astype(np.int16))
    save(tmp_path / "seg/a.nii.gz", array)
    done = export_dataset(
        ExportJob(
            scheme, f"{tmp_path}/ct/{{case}}_0000.nii.gz", f"{tmp_path}/seg/{{case}}.nii.gz",
            tmp_path / "raw", 600, "nested", regions=True,
        ),
        ontology,
    )  # fmt: skip
    verify_dataset_integrity(str(done.folder), num_processes=1)
    data = json.loads((done.folder / "dataset.json").read_text())
    manager = LabelManager(data["labels"], data["regions_class_order"])
    assert manager.has_regions
    regions = list(data["labels"].values())[1:]
    assert regions == [[2, 1], [3, 4], [1], [4]]
    ids = torch.from_numpy(np.array([0, 1, 2, 3, 4], np.int16)).reshape(1, 1, 1, 5)
    swap = MirrorSwapTransform(mirror_rule(data, (0, 1, 2), 3))
    swap.get_parameters = lambda **_: {"axes": [2]}
    mirrored = swap(image=ids.float(), segmentation=ids)["segmentation"]
    assert mirrored.ravel().tolist() == [1, 2, 3, 4, 0]
    to_regions = ConvertSegmentationToRegionsTransform(manager.all_regions)
    channels = to_regions(segmentation=mirrored)["segmentation"].int()[:, 0, 0].tolist()
    assert channels == [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 1, 0]]
    probabilities = to_regions(segmentation=ids)["segmentation"].float()
    assert manager.convert_probabilities_to_segmentation(probabilities).ravel().tolist() == [
        0, 1, 2, 3, 4,
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["RAS", "LPS", "PIR", "ASL", "SRA"])
@pytest.mark.parametrize("reader", ["NibabelIOWithReorient", "NibabelIO", "SimpleITKIO"])
def test_the_swapped_axis_goes_across_the_patient_as_nnunet_reads_it(
    work, tmp_path, save, write_scheme, ontology, code, reader
):
    """Voxels hold their patient x; in nnU-Net's array they change along the swapped axis alone."""
    from nibabel.orientations import axcodes2ornt, inv_ornt_aff
    from nnunetv2.imageio.reader_writer_registry import recursive_find_reader_writer_by_name

    from vesalius.adapters.nnunet.mirror_rule import mirror_rule

    shape = (4, 5, 6)
    affine = inv_ornt_aff(axcodes2ornt(code), shape)
    places = np.indices(shape).reshape(3, -1)
    x_mm = (affine @ np.vstack([places, np.ones(places.shape[1])]))[0].reshape(shape)
    save(tmp_path / "ct/a_0000.nii.gz", x_mm.astype(np.int16), affine)
    save(tmp_path / "seg/a.nii.gz", np.full(shape, 2, np.uint8), affine)
    done = export_dataset(
        ExportJob(
            write_scheme(tmp_path), f"{tmp_path}/ct/{{case}}_0000.nii.gz",
            f"{tmp_path}/seg/{{case}}.nii.gz", tmp_path / "raw", 601, "turned", reader=reader,
        ),
        ontology,
    )  # fmt: skip
    data = json.loads((done.folder / "dataset.json").read_text())
    read = recursive_find_reader_writer_by_name(data["overwrite_image_reader_writer"])()
    array = read.read_images([str(done.folder / "imagesTr/a_0000.nii.gz")])[0][0]
    for transpose in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        turned = array.transpose(transpose)
        changing = [axis for axis in range(3) if np.diff(turned, axis=axis).any()]
        assert changing == [mirror_rule(data, transpose, 3).swapped]
