"""A mixin that sets how long a trainer trains."""

from __future__ import annotations

from typing import ClassVar

from vesalius.adapters.nnunet.trainer_settings import apply_lengths


class Length:
    """Set epochs (and, in tests, iterations) when a trainer is initialised.

    The constructor is left alone: nnU-Net keeps its arguments by name for checkpoints, and their
    names differ between versions.
    """

    epochs: ClassVar[int | None] = None
    num_epochs: int

    def initialize(self) -> None:
        """Set the lengths, then build network, optimizer and schedule."""
        if self.epochs is not None:
            self.num_epochs = self.epochs
        apply_lengths(self)
        super().initialize()  # type: ignore[misc]
