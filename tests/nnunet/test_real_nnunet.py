"""With the real nnU-Net: its planner, data loader, trainers and predictor on tiny volumes.

Everything here works in one set of nnU-Net folders, as one process must, and shares one training:
with pytest-xdist, `--dist loadfile` keeps the file on one worker.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest

from processes import PATIENCE_S, members_of, wait_for
from tiny_network import PATCH
from vesalius.adapters.nnunet.export import ExportJob, export_dataset
from vesalius.adapters.nnunet.installation import (
    Folders,
    activate,
    is_installed,
    nnunet_version,
)
from vesalius.adapters.nnunet.label_ids import table_from_json
from vesalius.adapters.nnunet.planning import PlanJob, plan_and_preprocess
from vesalius.adapters.nnunet.prediction import PredictJob, predict
from vesalius.adapters.nnunet.templates import find_cases
from vesalius.adapters.nnunet.trainer_settings import START_FROM
from vesalius.adapters.nnunet.training import TrainJob, set_aside_broken, train_fold
from vesalius.ontology.reading.diagnostics import DiagnosticError

pytestmark = [
    pytest.mark.skipif(not is_installed(), reason="nnU-Net is not installed"),
    # nnU-Net, torch and their dependencies warn of their own matters.
    pytest.mark.filterwarnings("ignore"),
]

SWAP, LONG = "nnUNetTrainer_MirrorSwap", "nnUNetTrainer_5000epochs"
FINE = "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3"
SCHEME = (
    "schema: scheme/1\nscheme: tiny\ntitle: Tiny\nlabels:\n"
    "  2: liver\n  5: kidney_right\n  6: kidney_left\n  12: spleen\n  200: ignore\n"
    "names:\n  200: not annotated\n"
)
BOXES = {  # in RAS: x to the right
    2: ((20, 8, 8), (34, 28, 24)),
    5: ((26, 29, 4), (36, 35, 12)),
    6: ((4, 26, 4), (12, 34, 16)),
    12: ((4, 6, 18), (10, 16, 28)),
    200: ((30, 2, 26), (38, 8, 32)),
}
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "nnUNet_n_proc_DA": "0",
    "nnUNet_def_n_proc": "1",
    "VESALIUS_NNUNET_EPOCHS": "1",
    "VESALIUS_NNUNET_ITERATIONS": "3",
    "VESALIUS_NNUNET_VAL_ITERATIONS": "1",
    "VESALIUS_NNUNET_SAVE_EVERY": "1",
}


def body(number, flip):
    rng = np.random.default_rng(number)
    labels = np.zeros((40, 36, 32), np.uint8)
    image = rng.normal(-900, 30, labels.shape)
    for integer, (lo, hi) in BOXES.items():
        where = tuple(slice(a + number % 2, b) for a, b in zip(lo, hi, strict=True))
        labels[where] = integer
        image[where] = 40 * integer + rng.normal(0, 10, image[where].shape)
    image = image.astype(np.int16)
    affine = np.diag([1.5, 1.5, 2.0, 1.0])
    if flip:
        affine = affine @ np.diag([-1.0, -1, 1, 1])
        affine[:2, 3] = [39 * 1.5, 35 * 1.5]
        image, labels = image[::-1, ::-1], labels[::-1, ::-1]
    return image, labels, affine


@pytest.fixture(scope="module")
def work(tmp_path_factory, write_scheme, save, ontology):
    """Six cases, three of them lying in LPS, exported."""
    root = tmp_path_factory.mktemp("nnunet")
    before = dict(os.environ)
    os.environ.update(SETTINGS)
    os.environ.pop(START_FROM, None)
    folders = Folders(root / "raw", root / "preprocessed", root / "results")
    activate(folders)
    for number in range(6):
        image, labels, affine = body(number, flip=bool(number % 2))
        save(root / f"ct/c{number}_0000.nii.gz", image, affine)
        save(root / f"seg/c{number}.nii.gz", labels, affine)
    job = ExportJob(
        scheme=write_scheme(root, SCHEME),
        images=f"{root}/ct/{{case}}_0000.nii.gz",
        labels=f"{root}/seg/{{case}}.nii.gz",
        raw=folders.raw,
        dataset_id=501,
        name="tiny",
    )
    exported = export_dataset(job, ontology)
    yield SimpleNamespace(root=root, folders=folders, ids=exported.ids, images=job.images)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def planned(work):
    assert plan_and_preprocess(PlanJob(work.folders, 501, patch=PATCH, processes=1))
    return work


@pytest.fixture(scope="module")
def trained(planned):
    """One epoch with side-swapping mirroring, validated by nnU-Net."""
    done = train_fold(TrainJob(planned.folders, 501, 0, trainer=SWAP, device="cpu"))
    assert done.done
    return done


@pytest.fixture
def make_trainer(planned):
    """Build a trainer the way nnU-Net does, by name."""
    import torch
    from nnunetv2.run.run_training import get_trainer_from_args

    from vesalius.adapters.nnunet.trainer_names import make_findable

    make_findable()

    def make(name):
        return get_trainer_from_args("501", "3d_fullres", 0, name, device=torch.device("cpu"))

    return make


def checkpoint(path):
    import torch

    return torch.load(path, map_location="cpu", weights_only=False)


def test_nnunet_itself_finds_nothing_wrong(work):
    from nnunetv2.experiment_planning.verify_dataset_integrity import verify_dataset_integrity

    verify_dataset_integrity(str(work.folders.raw / "Dataset501_tiny"), num_processes=1)


def test_planning_is_done_once_and_the_patch_is_in_the_plans(planned):
    place = planned.folders.preprocessed / "Dataset501_tiny"
    plans = json.loads((place / "nnUNetPlans.json").read_text())
    configuration = plans["configurations"]["3d_fullres"]
    assert configuration["patch_size"] == [32, 32, 32]
    assert configuration["architecture"]["arch_kwargs"]["features_per_stage"] == [8, 16, 32]
    data = place / "nnUNetPlans_3d_fullres"
    stamp = data.stat().st_mtime_ns
    for patch in (PATCH, None):
        assert not plan_and_preprocess(PlanJob(planned.folders, 501, patch=patch, processes=1))
    assert data.stat().st_mtime_ns == stamp


# ---- mirroring ------------------------------------------------------------------------------


def batches(trainer, transforms, count=6, seed=11):
    """Draw batches from nnU-Net's own data loader, always with the same random numbers."""
    import torch
    from nnunetv2.training.dataloading.data_loader import nnUNetDataLoader
    from nnunetv2.training.dataloading.nnunet_dataset import infer_dataset_class

    if trainer.dataset_class is None:
        trainer.dataset_class = infer_dataset_class(trainer.preprocessed_dataset_folder)
    dataset, _ = trainer.get_tr_and_val_datasets()
    np.random.seed(seed)  # noqa: NPY002 - nnU-Net draws from it
    torch.manual_seed(seed)
    loader = nnUNetDataLoader(
        dataset, 2, [32, 32, 32], [32, 32, 32], trainer.label_manager,
        oversample_foreground_percent=1.0, transforms=transforms,
    )  # fmt: skip
    return [loader.generate_train_batch() for _ in range(count)]


def only_mirroring(trainer, name, axes):
    """Give the trainer's own transforms without the random ones but mirroring, along `axes`."""
    arguments = ([32, 32, 32], (-0.1, 0.1), None, (0, 1, 2), False)
    transforms = trainer.get_training_transforms(*arguments)
    transforms.transforms = [
        t
        for t in transforms.transforms
        if type(t).__name__ == name or "RemoveLabel" in type(t).__name__
    ]
    assert len(transforms.transforms) == 2
    transforms.transforms[0].get_parameters = lambda **_: {"axes": list(axes)}
    return transforms


@pytest.mark.parametrize("axes", [(2,), (0,), (0, 1), (0, 1, 2)])
def test_mirroring_in_the_data_loader_swaps_sides(make_trainer, axes):
    trainer = make_trainer(SWAP)
    still = batches(trainer, only_mirroring(trainer, "MirrorSwapTransform", ()))
    moved = batches(trainer, only_mirroring(trainer, "MirrorSwapTransform", axes))
    seen = set()
    for before, after in zip(still, moved, strict=True):
        along = [axis + 2 for axis in axes]
        assert np.array_equal(after["data"], np.flip(before["data"].numpy(), along))
        labels = np.flip(before["target"].numpy(), along)
        expected = labels.copy()
        if 2 in axes:  # after RAS and transposition, the last axis goes from left to right
            expected[labels == 2], expected[labels == 3] = 3, 2
        assert np.array_equal(after["target"], expected)
        assert after["target"].dtype == before["target"].dtype
        seen |= set(np.unique(labels).tolist())
    assert seen == {0, 1, 2, 3, 4, 5}


def test_plain_mirroring_of_nnunet_would_not(make_trainer):
    trainer = make_trainer("nnUNetTrainer")
    still = batches(trainer, only_mirroring(trainer, "MirrorTransform", ()), 2)
    moved = batches(trainer, only_mirroring(trainer, "MirrorTransform", (2,)), 2)
    for before, after in zip(still, moved, strict=True):
        assert np.array_equal(after["target"], np.flip(before["target"].numpy(), 4))


def test_the_whole_augmentation_differs_from_nnunets_in_the_swap_alone(make_trainer):
    """Same random numbers, all of nnU-Net's random transforms: images equal, labels swapped."""
    ours, theirs = make_trainer(SWAP), make_trainer("nnUNetTrainer")
    drawn = []
    transforms = []
    for trainer in (ours, theirs):
        rotation, dummy, _, axes = (
            trainer.configure_rotation_dummyDA_mirroring_and_inital_patch_size()
        )
        assert axes == (0, 1, 2)
        transforms.append(
            trainer.get_training_transforms([32, 32, 32], rotation, None, axes, dummy)
        )
        for transform in transforms[-1].transforms:
            # nnU-Net's blur times two ways to compute it and takes the faster; they round apart.
            inner = getattr(transform, "transform", transform)
            if hasattr(inner, "benchmark"):
                inner.benchmark = False
    mirror = next(t for t in transforms[0].transforms if type(t).__name__ == "MirrorSwapTransform")
    draw = mirror.get_parameters

    def watched(**data):
        drawn.append(draw(**data))
        return drawn[-1]

    mirror.get_parameters = watched
    swapped = batches(ours, transforms[0])
    plain = batches(theirs, transforms[1])
    flips = iter(drawn)
    across = 0
    for one, other in zip(swapped, plain, strict=True):
        assert np.array_equal(one["data"], other["data"])
        for ours_, theirs_ in zip(one["target"].numpy(), other["target"].numpy(), strict=True):
            expected = theirs_.copy()
            if 2 in next(flips)["axes"]:
                across += 1
                expected[theirs_ == 2], expected[theirs_ == 3] = 3, 2
            assert np.array_equal(ours_, expected)
    assert 0 < across < len(drawn)
    assert ours.inference_allowed_mirroring_axes == (0, 1)
    assert theirs.inference_allowed_mirroring_axes == (0, 1, 2)


def test_outside_and_unpaired_numbers_stay(make_trainer):
    import torch

    from vesalius.adapters.nnunet.trainers.swap_transform import MirrorSwapTransform

    transform = MirrorSwapTransform(make_trainer(SWAP).mirror_rule)
    transform.get_parameters = lambda **_: {"axes": [2]}
    segmentation = torch.tensor([-1, 0, 1, 2, 3, 4, 5], dtype=torch.int16).reshape(1, 1, 1, 7)
    image = torch.arange(7.0).reshape(1, 1, 1, 7)
    out = transform(image=image, segmentation=segmentation)
    assert out["segmentation"].ravel().tolist() == [5, 4, 2, 3, 1, 0, -1]
    assert out["image"].ravel().tolist() == [6, 5, 4, 3, 2, 1, 0]
    assert out["segmentation"].dtype == torch.int16


@pytest.mark.parametrize(("ids", "across"), [([0, 1, 4], True), ([0, 1, 7], False)])
def test_a_patch_with_a_class_that_has_no_partner_is_not_mirrored_across(ids, across):
    import torch

    from vesalius.adapters.nnunet.mirror_rule import MirrorRule
    from vesalius.adapters.nnunet.trainers.swap_transform import MirrorSwapTransform

    transform = MirrorSwapTransform(MirrorRule((0, 1), 2, ((1, 2),), alone=(7,)))
    segmentation = torch.tensor(ids, dtype=torch.int16).reshape(1, 1, 1, 3)
    torch.manual_seed(0)
    drawn = [
        transform.get_parameters(image=segmentation.float(), segmentation=segmentation)["axes"]
        for _ in range(40)
    ]
    assert any(2 in axes for axes in drawn) is across
    assert any(1 in axes for axes in drawn)
    assert any(0 in axes for axes in drawn)


def test_a_dataset_of_others_is_refused_by_the_trainer_itself(make_trainer):
    trainer = make_trainer(SWAP)
    trainer.dataset_json = {k: v for k, v in trainer.dataset_json.items() if k != "vesalius"}
    with pytest.raises(RuntimeError, match="vesalius nnunet export"):
        trainer.configure_rotation_dummyDA_mirroring_and_inital_patch_size()


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
            write_scheme(tmp_path, SCHEME), f"{tmp_path}/ct/{{case}}_0000.nii.gz",
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


# ---- training -------------------------------------------------------------------------------


def test_a_finished_fold_is_left_as_it_is(planned, trained):
    stamp = trained.checkpoint.stat().st_mtime_ns
    again = train_fold(TrainJob(planned.folders, 501, 0, trainer=SWAP, device="cpu", resume=True))
    assert (again.done, again.checkpoint) == (False, trained.checkpoint)
    assert trained.checkpoint.stat().st_mtime_ns == stamp


def test_lengths_come_from_the_environment_else_from_the_trainer(make_trainer, monkeypatch):
    trainer = make_trainer(LONG)
    trainer.initialize()
    assert (trainer.num_epochs, trainer.num_iterations_per_epoch, trainer.save_every) == (1, 3, 1)
    for variable in SETTINGS:
        if variable.startswith("VESALIUS"):
            monkeypatch.delenv(variable)
    trainer = make_trainer(LONG)
    trainer.initialize()
    assert (trainer.num_epochs, trainer.num_iterations_per_epoch) == (5000, 250)
    rates = []
    for epoch in (0, 2500):
        trainer.lr_scheduler.step(epoch)
        rates.append(trainer.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([0.01, 0.01 * 0.5**0.9])
    trainer = make_trainer(FINE)
    trainer.initialize()
    assert trainer.num_epochs == 1000
    for epoch in (0, 1, 500, 999):
        trainer.lr_scheduler.step(epoch)
        assert [g["lr"] for g in trainer.optimizer.param_groups] == [1e-3]


def test_stage_2_starts_from_every_weight_of_stage_1(make_trainer, trained, monkeypatch):
    monkeypatch.setenv(START_FROM, str(trained.model))
    saved = checkpoint(trained.checkpoint)
    heads = [key for key in saved["network_weights"] if ".seg_layers." in key]
    assert len(heads) >= 4
    trainer = make_trainer(FINE)
    trainer.initialize()
    before = copy.deepcopy(trainer.network.state_dict())
    assert any(not before[key].equal(saved["network_weights"][key]) for key in heads)
    trainer.on_train_start()
    after = trainer.network.state_dict()
    assert after.keys() == saved["network_weights"].keys()
    for key, weights in saved["network_weights"].items():
        assert after[key].equal(weights), key
    assert (trainer.current_epoch, trainer._best_ema) == (0, None)
    assert trainer.inference_allowed_mirroring_axes is None
    names = [type(t).__name__ for t in trainer.dataloader_train.data_loader.transforms.transforms]
    assert not any("Mirror" in name for name in names)


def test_nnunets_own_pretrained_weights_would_lose_the_heads(make_trainer, trained):
    from nnunetv2.run.load_pretrained_weights import load_pretrained_weights

    saved = checkpoint(trained.checkpoint)["network_weights"]
    trainer = make_trainer(FINE)
    trainer.initialize()
    load_pretrained_weights(trainer.network, str(trained.checkpoint))
    now = trainer.network.state_dict()
    different = [key for key in saved if not now[key].equal(saved[key])]
    assert different
    assert all(".seg_layers." in key for key in different)


def test_a_copied_checkpoint_of_stage_1_begins_stage_2_anew(make_trainer, trained):
    trainer = make_trainer(FINE)
    trainer.load_checkpoint(str(trained.checkpoint))
    saved = checkpoint(trained.checkpoint)
    assert saved["_best_ema"] is not None
    assert (trainer.current_epoch, trainer._best_ema) == (0, None)
    assert trainer.inference_allowed_mirroring_axes is None
    weights = trainer.network.state_dict()
    assert all(weights[key].equal(value) for key, value in saved["network_weights"].items())


def test_weights_for_other_labels_are_refused(make_trainer, trained, tmp_path):
    import torch

    saved = checkpoint(trained.checkpoint)
    saved["init_args"]["dataset_json"]["labels"] = {"background": 0, "other": 1}
    torch.save(saved, tmp_path / "other.pth")
    trainer = make_trainer(FINE)
    trainer.initialize()
    with pytest.raises(RuntimeError, match="other labels"):
        trainer.load_start(tmp_path / "other.pth")


class Killed(BaseException):
    pass


def test_killed_and_continued_stage_2_redoes_only_the_epoch_it_was_in(
    planned, trained, monkeypatch
):
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    monkeypatch.setenv("VESALIUS_NNUNET_EPOCHS", "3")
    job = TrainJob(
        planned.folders, 501, 0, trainer=FINE, device="cpu", start_from=trained.model,
        validate=False,
    )  # fmt: skip
    with monkeypatch.context() as patch:
        step = nnUNetTrainer.train_step

        def die_in_epoch_2(trainer, batch):
            if trainer.current_epoch == 2:
                raise Killed
            return step(trainer, batch)

        patch.setattr(nnUNetTrainer, "train_step", die_in_epoch_2)
        with pytest.raises(Killed):
            train_fold(job)
    folder = trained.model.with_name(f"{FINE}__nnUNetPlans__3d_fullres") / "fold_0"
    latest = checkpoint(folder / "checkpoint_latest.pth")
    assert latest["current_epoch"] == 2
    (folder / "checkpoint_best.pth").write_bytes(b"cut off while it was written")
    # No --start-from: a training that goes on needs no stage 1.
    resumed = TrainJob(**{**vars(job), "resume": True, "start_from": None})
    done = train_fold(resumed)
    assert (folder / "checkpoint_best.broken").is_file()
    final = checkpoint(done.checkpoint)
    assert final["current_epoch"] == 3
    assert final["logging"]["train_losses"][:2] == latest["logging"]["train_losses"]
    assert final["logging"]["lrs"] == [1e-3] * 3
    assert final["inference_allowed_mirroring_axes"] is None
    assert final["trainer_name"] == FINE
    assert not list(folder.glob(".vesalius-*"))


def test_checkpoints_that_can_be_read_stay(trained):
    assert set_aside_broken(trained.checkpoint.parent) == []


def test_planning_with_a_patch_that_does_not_fit(planned):
    patch = {"configurations": {"3d_fullres": {"patchsize": 1}}}
    with pytest.raises(DiagnosticError, match="NNU019"):
        plan_and_preprocess(PlanJob(planned.folders, 501, patch=patch, processes=1))
    assert not plan_and_preprocess(PlanJob(planned.folders, 501, processes=1))


# ---- prediction -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def predicted(planned, trained):
    images = find_cases(planned.images, "--images")
    (planned.root / "broken").mkdir()
    bad = planned.root / "broken/x.nii.gz"
    bad.write_bytes(b"nothing")
    job = PredictJob(
        model=trained.model,
        images={**images, "x": bad},
        output=f"{planned.root}/preds/{{case}}.nii.gz",
        device="cpu",
        processes=1,
    )
    return job, predict(job)


def test_predictions_are_nnunets_own_in_our_integers(planned, trained, predicted):
    """Against the validation cases that nnU-Net itself wrote, in its ids."""
    _, done = predicted
    assert done.done == tuple(f"c{n}" for n in range(6))
    validation = trained.checkpoint.parent / "validation"
    theirs = sorted(validation.glob("*.nii.gz"))
    assert len(theirs) == 2
    table = np.array([0, 2, 5, 6, 12])
    seen = set()
    for path in theirs:
        ours = nib.load(planned.root / "preds" / path.name)
        ids = np.asarray(nib.load(path).dataobj)
        assert np.array_equal(np.asarray(ours.dataobj), table[ids])
        image = nib.load(planned.root / "ct" / path.name.replace(".nii.gz", "_0000.nii.gz"))
        assert np.array_equal(ours.affine, image.affine)
        assert ours.get_data_dtype() == np.uint8
        seen |= set(np.unique(ids).tolist())
    assert len(seen) > 1


def test_a_bad_image_is_reported_and_the_others_go_on(planned, predicted):
    _, done = predicted
    assert [d.code for d in done.failed] == ["IO003"]
    assert sorted(p.name for p in (planned.root / "preds").iterdir()) == [
        ".vesalius-nnunet", *(f"c{n}.nii.gz" for n in range(6)),
    ]  # fmt: skip


def test_finished_cases_are_kept_and_changed_ones_predicted_again(planned, predicted):
    job, _ = predicted
    job = PredictJob(**{**vars(job), "images": find_cases(planned.images, "--images")})
    resumed = PredictJob(**{**vars(job), "resume": True, "num_parts": 2, "part_id": 1})
    again = predict(resumed)
    assert (again.done, again.kept) == ((), ("c1", "c3", "c5"))
    target = planned.root / "preds/c3.nii.gz"
    before = target.read_bytes()
    target.write_bytes(b"touched")
    again = predict(resumed)
    assert (again.done, again.kept) == (("c3",), ("c1", "c5"))
    assert target.read_bytes() == before


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_prediction_that_is_stopped_ends_with_all_that_it_started(planned, trained, tmp_path):
    """SIGTERM while helpers prepare images; every stage is stopped by soak/stop_nnunet.py."""
    for number in range(60):
        (tmp_path / f"m{number}_0000.nii.gz").symlink_to(planned.root / "ct/c0_0000.nii.gz")
    process = subprocess.Popen(
        [sys.executable, "-m", "vesalius", "nnunet", "predict", "--model", trained.model,
         "--images", f"{tmp_path}/{{case}}_0000.nii.gz", "--device", "cpu", "--processes", "2",
         "--output", f"{tmp_path}/preds/{{case}}.nii.gz"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: len(members_of(process.pid)) > 2, process)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143, said
    wait_for(lambda: not members_of(process.pid))


def test_the_model_carries_its_table(planned, trained):
    data = json.loads((trained.model / "dataset.json").read_text())
    assert table_from_json(data["vesalius"]) == planned.ids


def test_the_commands(planned, trained, vesalius_nnunet):
    where = {
        "nnUNet_raw": str(planned.folders.raw),
        "nnUNet_preprocessed": str(planned.folders.preprocessed),
        "nnUNet_results": str(planned.folders.results),
    }
    (planned.root / "patch.json").write_text(json.dumps(PATCH))
    done = vesalius_nnunet(
        "train", "-d", 501, "-f", 0, "-t", SWAP, "--device", "cpu", "--continue",
        "--plans-patch", planned.root / "patch.json", apart=True, **where,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{trained.model}: fold 0 was trained\n"
    done = vesalius_nnunet(
        "predict", "-d", 501, "-t", SWAP, "--device", "cpu", "--processes", 1,
        "--images", f"{planned.root}/ct/{{case}}_0000.nii.gz", "--num-parts", 6, "--part-id", 2,
        "-o", f"{planned.root}/cli/{{case}}.nii.gz", apart=True, **where,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1 predicted, 0 kept, 0 failed\n"
    ours = np.asarray(nib.load(planned.root / "cli/c2.nii.gz").dataobj)
    assert set(np.unique(ours)) <= {0, 2, 5, 6, 12}
    done = vesalius_nnunet(
        "train", "-d", 501, "-f", 0, "-t", "nnUNetTrainerr", "--device", "cpu", apart=True, **where
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean `nnUNetTrainer`?" in done.stderr


@pytest.mark.skipif(is_installed() and nnunet_version() >= (2, 8), reason="asks each time")
def test_another_set_of_folders_needs_another_process(planned, tmp_path):
    with pytest.raises(RuntimeError, match="start another process"):
        activate(Folders(tmp_path, planned.folders.preprocessed, planned.folders.results))


def test_planners_are_known_by_name(work):
    from vesalius.adapters.nnunet.trainer_names import check_planner

    for name in ("ExperimentPlanner", "nnUNetPlannerResEncL"):
        check_planner(name)
    with pytest.raises(DiagnosticError) as failed:
        check_planner("nnUNetPlannerResEncLL")
    (problem,) = failed.value.diagnostics
    assert (problem.code, problem.help) == ("NNU015", "did you mean `nnUNetPlannerResEncL`?")
    # Before any image is read.
    with pytest.raises(DiagnosticError):
        plan_and_preprocess(PlanJob(work.folders, 501, planner="Planner", plans="Others"))
    assert not (work.folders.preprocessed / "Dataset501_tiny" / "Others.json").exists()
