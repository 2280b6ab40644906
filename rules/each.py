"""What a rule with `each` is judged for, one after the other: a side, or a member of a sequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vesalius.ontology.graph import Ontology
from vesalius.ontology.sequence import Sequence, Side

SIDES: Final[tuple[Side, ...]] = ("left", "right")
EACH_SIDE: Final = "side"
EACH_SOURCE: Final = "source"
"""What each source says by itself is judged, not the map that is made of them."""

NEIGHBOURS: Final[Mapping[str, int]] = {"previous": -1, "same": 0, "next": 1}
"""Words for a member of a sequence, as seen from the member that is judged."""


@dataclass(frozen=True)
class Turn:
    """One of the several times that a rule is judged.

    Parameters
    ----------
    side : {"left", "right"} or None
        Structures of the other side are none of its partners.
    sequence : Sequence or None
        Whose member is judged.
    place : int
        Which of its usual members.
    undivided : str or None
        A structure that is judged in its place: both sides in one, as some sources have it.
    """

    side: Side | None = None
    sequence: Sequence | None = None
    place: int = 0
    undivided: str | None = None

    @property
    def member(self) -> str | None:
        """The structure that is judged; None where `for` says which are."""
        if self.undivided is not None or self.sequence is None:
            return self.undivided
        return self.sequence.members[self.place]

    def of_side(self, name: str, ontology: Ontology) -> str:
        """Give the structure of this side that the name of both means; else the name itself."""
        if self.side is None or name not in ontology.structures:
            return name
        if ontology.get(name, "side") in SIDES:
            return name
        kinds = ontology.in_order(ontology.hierarchy.descendants(name, ("is_a",)))
        found = [kind for kind in kinds if _on(self.side, kind, kinds, ontology)]
        return found[0] if len(found) == 1 else name

    def admits(self, name: str, ontology: Ontology) -> bool:
        """Tell whether a structure is of this side, or of none."""
        return self.side is None or ontology.get(name, "side") not in {*SIDES} - {self.side}

    def sequences(self, name: str, ontology: Ontology) -> tuple[Sequence, ...]:
        """Give the sequence of a name; of a name of both sides that of this side, else both."""
        if name in ontology.sequences:
            return (ontology.sequences[name],)
        both = sequences_of_both(name, ontology)
        return tuple(s for s in both if self.side in (None, s.side))

    def neighbours(self, word: str, of: Sequence) -> tuple[str, ...] | None:
        """Give the members of a sequence beside the one that is judged.

        Parameters
        ----------
        word : {"previous", "same", "next"}
            Which; variants that lie between belong to them.
        of : Sequence
            The same sequence, or one that runs beside it.

        Returns
        -------
        tuple of str or None
            Empty at an end; None where the sequences do not run side by side.
        """
        if self.sequence is None:
            return None
        shift = self.sequence.shift_to(of)
        return None if shift is None else of.beside(self.place + shift, NEIGHBOURS[word])


WHOLE: Final = Turn()
"""The only turn of a rule without `each`."""


def sequences_of_both(name: str, ontology: Ontology) -> tuple[Sequence, ...]:
    """Give the left and the right sequence of a name that means both; none where none does."""
    return tuple(s for s in ontology.sequences.values() if s.both_sides == name)


def turns_of(each: str | None, ontology: Ontology) -> tuple[Turn, ...]:
    """Give the turns of a rule; none where `each` names neither sides nor a sequence."""
    if each is None or each == EACH_SOURCE:
        return (WHOLE,)
    if each == EACH_SIDE:
        return tuple(Turn(side) for side in SIDES)
    sequences = WHOLE.sequences(each, ontology)
    turns = [Turn(s.side, s, place) for s in sequences for place in range(len(s.members))]
    if len(sequences) > 1:
        turns += _undivided(sequences, ontology)
    return tuple(turns)


def _undivided(sequences: tuple[Sequence, ...], ontology: Ontology) -> list[Turn]:
    """Give a turn for each structure that is both sides of a member in one."""
    found = []
    for place, pair in enumerate(zip(*(s.members for s in sequences), strict=True)):
        sides = {s.side: name for s, name in zip(sequences, pair, strict=True)}
        found += [
            Turn(None, sequences[0], place, name)
            for name in ontology.parents(pair[0], ("is_a",))
            if all(Turn(side).of_side(name, ontology) == one for side, one in sides.items())
        ]
    return found


def names_of_each(ontology: Ontology) -> tuple[str, ...]:
    """Give what may stand behind `each`."""
    both = {s.both_sides: None for s in ontology.sequences.values() if s.both_sides}
    return (EACH_SIDE, EACH_SOURCE, *ontology.sequences, *both)


def _on(side: Side, name: str, kinds: tuple[str, ...], ontology: Ontology) -> bool:
    return ontology.get(name, "side") == side and ontology.mirror(name) in kinds
