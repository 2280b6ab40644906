"""Rules that have nothing to do in a working space."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.plan.reason import Reason, in_words


@dataclass(frozen=True)
class Idle:
    """A rule that cannot act in a working space, and why."""

    rule: str
    lacks: tuple[Reason, ...]

    @property
    def reason(self) -> str:
        """Why, in words."""
        return in_words(self.lacks)
