"""Mirroring in the real nnU-Net's own data loader."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.nnunet.installation import is_installed

pytestmark = [
    pytest.mark.skipif(not is_installed(), reason="nnU-Net is not installed"),
    # nnU-Net, torch and their dependencies warn of their own matters.
    pytest.mark.filterwarnings("ignore"),
]

SWAP = "nnUNetTrainer_MirrorSwap"


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
