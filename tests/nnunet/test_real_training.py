"""Trainings by the real nnU-Net: how long, from which weights, killed and continued."""

from __future__ import annotations

import copy
import os

import pytest

from vesalius.adapters.nnunet.installation import is_installed
from vesalius.adapters.nnunet.trainer_settings import START_FROM
from vesalius.adapters.nnunet.training import TrainJob, set_aside_broken, train_fold

pytestmark = [
    pytest.mark.skipif(not is_installed(), reason="nnU-Net is not installed"),
    # nnU-Net, torch and their dependencies warn of their own matters.
    pytest.mark.filterwarnings("ignore"),
]

SWAP, LONG = "nnUNetTrainer_MirrorSwap", "nnUNetTrainer_5000epochs"
FINE = "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3"


def checkpoint(path):
    import torch

    return torch.load(path, map_location="cpu", weights_only=False)


def test_a_finished_fold_is_left_as_it_is(planned, trained):
    stamp = trained.checkpoint.stat().st_mtime_ns
    again = train_fold(TrainJob(planned.folders, 501, 0, trainer=SWAP, device="cpu", resume=True))
    assert (again.done, again.checkpoint) == (False, trained.checkpoint)
    assert trained.checkpoint.stat().st_mtime_ns == stamp


def test_lengths_come_from_the_environment_else_from_the_trainer(make_trainer, monkeypatch):
    trainer = make_trainer(LONG)
    trainer.initialize()
    assert (trainer.num_epochs, trainer.num_iterations_per_epoch, trainer.save_every) == (1, 3, 1)
    for variable in [name for name in os.environ if name.startswith("VESALIUS_NNUNET")]:
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
