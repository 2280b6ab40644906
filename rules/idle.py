"""Rules that have nothing to do in a working space."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Idle:
    """A rule that cannot act in a working space, and why."""

    rule: str
    reason: str
