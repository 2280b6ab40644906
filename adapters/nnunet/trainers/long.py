"""Stage 1 of the V2 model: nnU-Net's standard training for 5000 epochs instead of 1000."""

from __future__ import annotations

from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

from vesalius.adapters.nnunet.trainers.length import Length


class nnUNetTrainer_5000epochs(Length, nnUNetTrainer):  # type: ignore[misc]
    """The standard schedule and augmentation, mirroring included, over 5000 epochs."""

    epochs = 5000
