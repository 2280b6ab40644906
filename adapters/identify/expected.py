"""What the ontology says that a structure looks like, in the form in which labels are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Expected:
    """What a structure looks like; None where the ontology does not say.

    Parameters
    ----------
    volume_ml : tuple of float, or None
        The least and the most that is plausible.
    usual_size_mm : tuple of float, shape (3,), or None
        Sides of the box around it, along the patient's axes.
    side : int
        Sign of its place along the patient's left-right axis (RAS+); 0 for none.
    midline : bool
        Whether it crosses the midline.
    partner : str or None
        The same structure on the other side.
    levels : tuple of int, or None
        Rank of the upper and the lower limit along the spine; a lower one has a higher rank.
    sequence : tuple of (str, int), or None
        The ordered family it is of, and its place there.
    """

    volume_ml: tuple[float, float] | None
    usual_size_mm: tuple[float, ...] | None
    side: int
    midline: bool
    partner: str | None
    levels: tuple[int, int] | None
    sequence: tuple[str, int] | None


class Looks(Protocol):
    """What is known of how structures look."""

    def expected(self, structure: str) -> Expected:
        """Give what a structure looks like."""

    def direction(self, sequence: str) -> Sequence[float]:
        """Give the direction of an ordered family, RAS+."""


@dataclass(frozen=True)
class KnownLooks:
    """What some structures look like, written out.

    Parameters
    ----------
    structures : mapping of str to Expected
        Each by its name.
    directions : mapping of str to tuple of float, shape (3,)
        Of the ordered families that they are of.
    """

    structures: Mapping[str, Expected]
    directions: Mapping[str, tuple[float, ...]]

    def expected(self, structure: str) -> Expected:
        """Give what a structure looks like."""
        return self.structures[structure]

    def direction(self, sequence: str) -> tuple[float, ...]:
        """Give the direction of an ordered family, RAS+."""
        return self.directions[sequence]


def volume_of(structures: Sequence[str], looks: Looks) -> tuple[float, float] | None:
    """Give the volumes plausible for one of several structures; None where one has none."""
    ranges = [looks.expected(name).volume_ml for name in structures]
    known = [each for each in ranges if each is not None]
    if not known or len(known) < len(ranges):
        return None
    return min(low for low, _ in known), max(high for _, high in known)
