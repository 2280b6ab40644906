"""A network for nnU-Net that is trained in seconds, as a patch of its plans."""

from __future__ import annotations

NETWORK = {
    "n_stages": 3,
    "features_per_stage": [8, 16, 32],
    "kernel_sizes": [[3, 3, 3]] * 3,
    "strides": [[1, 1, 1], [2, 2, 2], [2, 2, 2]],
    "n_conv_per_stage": [1, 1, 1],
    "n_conv_per_stage_decoder": [1, 1],
}
PATCH = {
    "configurations": {
        "3d_fullres": {
            "patch_size": [32, 32, 32],
            "batch_size": 2,
            "architecture": {"arch_kwargs": NETWORK},
        }
    }
}
