"""Mirroring that keeps sides right: along the axis across the patient, labels swap sides.

nnU-Net's mirroring calls a mirrored left organ still left, which teaches a network not to tell
sides. Here the labels of mirror pairs change places with the image, so the augmentation stays
and the sides keep their meaning. Prediction mirrors along the other axes only: nnU-Net averages
mirrored predictions channel by channel and could not swap them.
"""

from __future__ import annotations

from typing import Any

from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

from vesalius.adapters.nnunet.mirror_rule import MirrorRule, mirror_rule
from vesalius.adapters.nnunet.trainers.length import Length


class nnUNetTrainer_MirrorSwap(Length, nnUNetTrainer):  # type: ignore[misc]
    """nnU-Net's standard training with side-swapping mirroring."""

    @property
    def mirror_rule(self) -> MirrorRule:
        """How this dataset's patches are mirrored.

        Raises
        ------
        RuntimeError
            If its sides cannot be swapped.
        """
        try:
            return mirror_rule(
                self.dataset_json,
                self.plans_manager.transpose_forward,
                len(self.configuration_manager.patch_size),
            )
        except ValueError as error:
            raise RuntimeError(f"{type(self).__name__} cannot be used here: {error}") from None

    def configure_rotation_dummyDA_mirroring_and_inital_patch_size(
        self,
    ) -> tuple[Any, Any, Any, tuple[int, ...]]:
        """Give nnU-Net's augmentation; mirror all axes in training, the plain in prediction."""
        rotation, dummy_2d, patch_size, _ = (
            super().configure_rotation_dummyDA_mirroring_and_inital_patch_size()
        )
        rule = self.mirror_rule
        self.inference_allowed_mirroring_axes = rule.plain
        return rotation, dummy_2d, patch_size, rule.axes

    def get_training_transforms(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Give nnU-Net's transforms with its mirroring replaced."""
        from vesalius.adapters.nnunet.trainers.swap_transform import with_swap  # noqa: PLC0415

        return with_swap(super().get_training_transforms(*args, **kwargs), self.mirror_rule)
