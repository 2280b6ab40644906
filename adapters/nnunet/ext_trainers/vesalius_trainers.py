"""The trainers of vesalius, where nnU-Net looks for trainers.

This module is also what `vesalius nnunet trainers --install` copies into nnU-Net before 2.8.
"""

from vesalius.adapters.nnunet.trainers.fine_tuning import (
    nnUNetTrainer_1000epochs_NoMirroring_constLR1en3,
)
from vesalius.adapters.nnunet.trainers.long import nnUNetTrainer_5000epochs
from vesalius.adapters.nnunet.trainers.mirror_swap import nnUNetTrainer_MirrorSwap

__all__ = [
    "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3",
    "nnUNetTrainer_5000epochs",
    "nnUNetTrainer_MirrorSwap",
]
