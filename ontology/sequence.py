"""Ordered families of structures, written out in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vesalius.ontology.reading.problem import Span

Side = Literal["left", "right"]
Direction = Literal["left", "right", "posterior", "anterior", "inferior", "superior"]
# Unit vectors of the patient frame RAS+, in millimetres along x, y, z.
DIRECTIONS: Final[Mapping[str, tuple[float, float, float]]] = {
    "left": (-1.0, 0.0, 0.0),
    "right": (1.0, 0.0, 0.0),
    "posterior": (0.0, -1.0, 0.0),
    "anterior": (0.0, 1.0, 0.0),
    "inferior": (0.0, 0.0, -1.0),
    "superior": (0.0, 0.0, 1.0),
}


@dataclass(frozen=True)
class Sequence:
    """An ordered family.

    Parameters
    ----------
    name : str
        The family.
    direction : tuple of float, shape (3,)
        Unit vector in the patient frame (RAS+) along which the members follow each other.
    members : tuple of str
        The usual members, first to last.
    variants : tuple of str
        Members that few patients have.
    span : Span
        Where the name is written.
    places : tuple of (str, str)
        Per variant the member it follows.
    side : {"left", "right"} or None
        Of the patient, where there is a sequence for each.
    both_sides : str or None
        What the left and the right one are called together.
    first_beside : str or None
        The member of another sequence that the first one lies beside; the second lies beside
        the next, and so on.
    """

    name: str
    direction: tuple[float, float, float]
    members: tuple[str, ...]
    variants: tuple[str, ...]
    span: Span
    places: tuple[tuple[str, str], ...] = ()
    side: Side | None = None
    both_sides: str | None = None
    first_beside: str | None = None

    def full(self) -> tuple[str, ...]:
        """Give members and variants together, each variant in its place."""
        order = list(self.members)
        for variant, after in self.places:
            order.insert(order.index(after) + 1, variant)
        return tuple(order)

    def shift_to(self, other: Sequence) -> int | None:
        """Give by how many places the members of another sequence that lie beside these are ahead.

        None where it is not said which lie side by side: neither says so, and their usual members
        are not equally many.
        """
        if self.first_beside in other.members:
            return other.members.index(self.first_beside)
        if other.first_beside in self.members:
            return -self.members.index(other.first_beside)
        return 0 if len(self.members) == len(other.members) else None

    def beside(self, place: int, step: int) -> tuple[str, ...]:
        """Give the usual member a step from a place, and the variants that lie between.

        Parameters
        ----------
        place : int
            Of a usual member; may lie beyond the ends.
        step : {-1, 0, 1}
            To the one before, none, or to the next.

        Returns
        -------
        tuple of str
            First to last; empty beyond the ends.
        """
        aim = place + step
        if not 0 <= aim < len(self.members):
            return ()
        order = self.full()
        start, stop = sorted(
            order.index(self.members[at]) for at in (aim, max(0, min(place, len(self.members) - 1)))
        )
        found = order[start : stop + 1]
        return tuple(n for n in found if n == self.members[aim] or n in self.variants)
