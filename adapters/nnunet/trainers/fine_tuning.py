"""Stage 2 of the V2 model: 1000 epochs at a constant learning rate, without mirroring.

It starts from the whole network of stage 1, output heads included; nnU-Net's own
`-pretrained_weights` would leave the heads at random. `VESALIUS_NNUNET_START_FROM` names the
checkpoint of stage 1, or the folder of its fold or its model.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nnunetv2.training.lr_scheduler.polylr import PolyLRScheduler
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

from vesalius.adapters.nnunet.checkpoints import only_weights, trusts
from vesalius.adapters.nnunet.trainer_settings import START_FROM, start_file
from vesalius.adapters.nnunet.trainers.length import Length


class nnUNetTrainer_1000epochs_NoMirroring_constLR1en3(Length, nnUNetTrainer):  # type: ignore[misc]
    """Fine-tune a trained network: 1000 epochs, learning rate 0.001 throughout, no mirroring."""

    epochs = 1000
    learning_rate = 1e-3

    def initialize(self) -> None:
        """Build everything; the learning rate must be known before the optimizer is."""
        self.initial_lr = self.learning_rate
        self._has_own_checkpoint = False
        super().initialize()

    def configure_optimizers(self) -> tuple[Any, Any]:
        """Give nnU-Net's optimizer with a schedule that stays where it is."""
        optimizer, _ = super().configure_optimizers()
        # nnU-Net steps the schedule with the epoch: (1 - epoch / epochs) ** 0 is 1 throughout.
        return optimizer, PolyLRScheduler(optimizer, self.initial_lr, self.num_epochs, exponent=0)

    def configure_rotation_dummyDA_mirroring_and_inital_patch_size(
        self,
    ) -> tuple[Any, Any, Any, None]:
        """Give nnU-Net's augmentation without mirroring, in training and prediction."""
        rotation, dummy_2d, patch_size, _ = (
            super().configure_rotation_dummyDA_mirroring_and_inital_patch_size()
        )
        self.inference_allowed_mirroring_axes = None
        return rotation, dummy_2d, patch_size, None

    def on_train_start(self) -> None:
        """Load the weights of stage 1, unless a training of this stage goes on."""
        super().on_train_start()
        if not self._has_own_checkpoint:
            self.load_start(Path(os.environ.get(START_FROM, "")))

    def load_checkpoint(self, filename_or_checkpoint: Any) -> None:  # noqa: ANN401
        """Go on from a checkpoint of this stage, or begin with one of another trainer.

        A checkpoint of another trainer (stage 1's, copied here) gives its network only: epoch,
        optimizer, log and best result so far start anew.
        """
        if not self.was_initialized:
            self.initialize()
        checkpoint = filename_or_checkpoint
        if not isinstance(checkpoint, dict):
            checkpoint = _read(Path(filename_or_checkpoint), self.device)
        self._has_own_checkpoint = True
        if checkpoint["trainer_name"] == type(self).__name__:
            # By file name: nnU-Net 2.6 accepts a loaded checkpoint only in its annotation.
            super().load_checkpoint(filename_or_checkpoint)
        else:
            self._take_network(checkpoint, str(filename_or_checkpoint))
        self.inference_allowed_mirroring_axes = None

    def load_start(self, path: Path) -> None:
        """Load the whole network of a checkpoint and forget everything else in it.

        Parameters
        ----------
        path : Path
            A checkpoint, a folder with `checkpoint_final.pth`, or a model folder with this fold.

        Raises
        ------
        RuntimeError
            If there is no checkpoint, or it is of another network or other labels.
        """
        self._take_network(_read(start_file(path, self.fold), self.device), str(path))

    def _take_network(self, checkpoint: dict[str, Any], name: str) -> None:
        theirs = checkpoint["init_args"]["dataset_json"]["labels"]
        if theirs != self.dataset_json["labels"]:
            raise RuntimeError(f"{name} was trained on other labels than this dataset has")
        network = self.network.module if self.is_ddp else self.network
        # torch.compile wraps the network.
        network = getattr(network, "_orig_mod", network)
        weights = {
            key.removeprefix("module."): w for key, w in checkpoint["network_weights"].items()
        }
        network.load_state_dict(weights, strict=True)
        self.current_epoch = 0
        self._best_ema = None
        self.print_to_log_file(f"starting from the whole network of {name}, heads included")


def _read(path: Path, device: Any) -> dict[str, Any]:  # noqa: ANN401
    import torch  # noqa: PLC0415 - nnU-Net finds trainers by importing them, mostly for others

    trust = trusts()
    with only_weights(trust):
        checkpoint: dict[str, Any] = torch.load(path, map_location=device, weights_only=not trust)
    return checkpoint
