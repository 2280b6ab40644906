"""Training lengths from the environment, for tests and trials.

`VESALIUS_NNUNET_EPOCHS`, `_ITERATIONS`, `_VAL_ITERATIONS` (per epoch) and `_SAVE_EVERY` (epochs
between checkpoints) replace what a trainer would use. `VESALIUS_NNUNET_START_FROM` names the
checkpoint that the fine-tuning trainer starts from.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

EPOCHS = "VESALIUS_NNUNET_EPOCHS"
ITERATIONS = "VESALIUS_NNUNET_ITERATIONS"
VAL_ITERATIONS = "VESALIUS_NNUNET_VAL_ITERATIONS"
SAVE_EVERY = "VESALIUS_NNUNET_SAVE_EVERY"
START_FROM = "VESALIUS_NNUNET_START_FROM"

ATTRIBUTES = {
    EPOCHS: "num_epochs",
    ITERATIONS: "num_iterations_per_epoch",
    VAL_ITERATIONS: "num_val_iterations_per_epoch",
    SAVE_EVERY: "save_every",
}
"""Variable and the attribute of a trainer that it replaces."""


def training_lengths() -> dict[str, int]:
    """Read what the environment says about training lengths.

    Returns
    -------
    dict of str to int
        Attribute of a trainer to its value; only those that are set.

    Raises
    ------
    ValueError
        If a value is not a whole number above zero.
    """
    found = {}
    for variable, attribute in ATTRIBUTES.items():
        text = os.environ.get(variable)
        if text:
            if not text.isdigit() or int(text) < 1:
                raise ValueError(f"{variable}={text} is not a whole number above zero")
            found[attribute] = int(text)
    return found


def apply_lengths(trainer: Any) -> None:  # noqa: ANN401
    """Set the training lengths of a trainer that is not initialised yet."""
    for attribute, value in training_lengths().items():
        setattr(trainer, attribute, value)


def start_file(path: Path, fold: int | str) -> Path:
    """Find the checkpoint that a path stands for.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    candidates = (
        path,
        path / "checkpoint_final.pth",
        path / f"fold_{fold}" / "checkpoint_final.pth",
    )
    for candidate in candidates:
        if str(path) not in {"", "."} and candidate.is_file():
            return candidate
    raise RuntimeError(
        f"this trainer starts from a trained network: set {START_FROM} to its checkpoint"
        + (f"; there is none at {path}" if str(path) not in {"", "."} else "")
    )
